/**
 * No connection was made, so nothing was sent. An error's code does not prove that: a router
 * can end an open connection with the same codes. The code of the cause is kept, as the SDK decides
 * by it whether to retry.
 */
export class ConnectFailure extends Error {
  override readonly name: string = 'ConnectFailure';
  readonly code: string | undefined;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  }
}
