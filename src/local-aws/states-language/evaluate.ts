import { append, type Branch, stateError } from './branch.ts';
import { QueryEvaluationError } from './errors.ts';
import type { Json, StatesError } from './execution.ts';
import type { JsonObject, Template } from './states.ts';

/**
 * Evaluates a field of the state that the branch is in, and records it where that fails.
 *
 * @param members `result` or `errorOutput` of `$states`
 * @throws {StatesError} `States.QueryEvaluationError`
 */
export async function evaluate<T extends Json>(
  branch: Branch,
  template: Template<T>,
  input: Json,
  members: JsonObject = {},
): Promise<T> {
  const states = { input, context: contextOf(branch), ...members };
  try {
    return await template({ ...branch.variables.values, states });
  } catch (error) {
    if (!(error instanceof QueryEvaluationError)) throw error;
    const { visit } = branch;
    // AWS has it follow what the state follows, as if the state had not been entered.
    if (visit && branch.previousEventId === visit.enteredEventId) {
      branch.previousEventId = visit.precedingEventId;
    }
    throw evaluationFailed(branch, error.cause, error.location);
  }
}

/**
 * Records that a field has a value which the state cannot take.
 *
 * @param location of the field; undefined where the value is the state's input
 * @returns the error that the state fails with
 */
export function evaluationFailed(branch: Branch, cause: string, location?: string): StatesError {
  const failure = stateError(branch, 'States.QueryEvaluationError', cause);
  append(branch, {
    type: 'EvaluationFailed',
    evaluationFailedEventDetails: {
      state: branch.visit?.state.name,
      error: failure.error,
      cause: failure.cause,
      location,
    },
  });
  return failure;
}

/** `$states.context` */
function contextOf({ run, visit, map }: Branch): JsonObject {
  const { Execution, StateMachine } = run.context;
  return {
    Execution: { ...Execution },
    ...(visit && {
      State: {
        EnteredTime: visit.enteredTime,
        Name: visit.state.name,
        ...('retry' in visit.state && { RetryCount: visit.retryCount }),
      },
    }),
    StateMachine: { ...StateMachine },
    ...(visit?.taskToken !== undefined && { Task: { Token: visit.taskToken } }),
    ...(map && { Map: map }),
  };
}
