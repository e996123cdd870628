/** No such execution, or one that Step Functions has forgotten. */
export class ExecutionNotFound extends Error {
  override readonly name = 'ExecutionNotFound';
}

/** AWS refused the call because its own quota is used up. */
export class StepFunctionsThrottled extends Error {
  override readonly name = 'StepFunctionsThrottled';
}

/** The budget did not reach this execution in time, and nothing was known of it before. */
export class StatusNotYetKnown extends Error {
  override readonly name = 'StatusNotYetKnown';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('more executions are asked for than Step Functions may be asked about');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
