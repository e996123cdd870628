/** Nothing is known of this execution, and the describe budget did not reach it in time. */
export class StatusNotYetKnown extends Error {
  override readonly name = 'StatusNotYetKnown';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('more executions are asked for than Step Functions may be asked about');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
