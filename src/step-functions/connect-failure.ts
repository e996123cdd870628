/**
 * No connection was made, so nothing was sent. An error's code would not tell: a router can end an
 * open connection with the same codes. It keeps the code of its cause, by which the SDK decides
 * whether to retry.
 */
export class ConnectFailure extends Error {
  override readonly name: string = 'ConnectFailure';
  readonly code: string | undefined;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  }
}
