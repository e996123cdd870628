import { StatesError } from './execution.ts';
import type { JsonObject, RecoverableState } from './states.ts';

/** A JSONata expression that failed, or gave what its field does not take. */
export class QueryEvaluationError extends StatesError {
  /** The field, relative to its state: `Output/user/name`, `Choices[1]/Condition`. */
  readonly location: string;

  constructor(location: string, cause: string) {
    super('States.QueryEvaluationError', cause);
    this.location = location;
  }
}

const timeouts = ['States.Timeout', 'States.HeartbeatTimeout'];

/**
 * Whether the `ErrorEquals` of a Retrier or Catcher names the error.
 *
 * `States.Runtime` is never retried or caught. `States.ALL` matches `States.DataLimitExceeded`, as
 * recorded from AWS; its documentation says that it does not:
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

/** `$states.errorOutput`. */
export function errorOutput({ error, cause }: StatesError): JsonObject {
  return { Error: error, Cause: cause };
}

/** An error's members where an event or outcome leaves out what is empty. */
export function errorFields({ error, cause }: StatesError) {
  return { ...(error && { error }), ...(cause && { cause }) };
}
