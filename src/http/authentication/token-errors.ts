/** The token is not accepted. `reason` is for the log and contains no part of the token. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** The issuer's keys cannot be fetched, so tokens cannot be verified. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}
