import { StatesError } from './execution.ts';
import type { JsonObject, RecoverableState } from './states.ts';

/** A JSONata expression failed, or its result does not fit its field. */
export class QueryEvaluationError extends StatesError {
  /** The field's path within its state, such as `Output/user/name` or `Choices[1]/Condition`. */
  readonly location: string;

  constructor(location: string, cause: string) {
    super('States.QueryEvaluationError', cause);
    this.location = location;
  }
}

const timeouts = ['States.Timeout', 'States.HeartbeatTimeout'];

/**
 * Whether the `ErrorEquals` of a Retrier or Catcher matches the error.
 *
 * `States.Runtime` is never retried or caught. `States.ALL` matches `States.DataLimitExceeded` on
 * AWS, although the documentation says that it does not:
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matchesError(
  errorEquals: readonly string[],
  { error }: StatesError,
  stateType: RecoverableState['type'],
): boolean {
  if (error === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === error) return true;
    switch (name) {
      case 'States.ALL':
        return true;
      case 'States.TaskFailed':
        return error !== 'States.DataLimitExceeded' && !timeouts.includes(error);
      case 'States.Timeout':
        return timeouts.includes(error);
      case 'States.BranchFailed':
        return stateType === 'Parallel';
      default:
        return false;
    }
  });
}

/** Returns the value of `$states.errorOutput`. */
export function errorOutput({ error, cause }: StatesError): JsonObject {
  return { Error: error, Cause: cause };
}

/** Returns error and cause for a history event, which leaves out empty ones. */
export function errorFields({ error, cause }: StatesError) {
  return { ...(error && { error }), ...(cause && { cause }) };
}
