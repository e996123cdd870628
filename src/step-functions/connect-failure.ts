/**
 * The connection could not be opened, so nothing was sent. An error code alone does not prove that:
 * a router can close an open connection with the same codes. Keeps the code of its cause, because
 * the SDK's retries depend on it.
 */
export class ConnectFailure extends Error {
  override readonly name: string = 'ConnectFailure';
  readonly code: string | undefined;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  }
}
