/** There was no token for a call that a response depends on. */
export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('more is asked for than Step Functions may be asked');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
