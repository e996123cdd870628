/** The budget had no token in time for a call that the response depends on. */
export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('The budget of calls to Step Functions is exhausted.');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
