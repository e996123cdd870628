/** The budget did not reach this execution in time, and nothing was known of it before. */
export class StatusNotYetKnown extends Error {
  override readonly name = 'StatusNotYetKnown';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('more executions are asked for than Step Functions may be asked about');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
