import { append, type Branch, stateError } from './branch.ts';
import { QueryEvaluationError } from './errors.ts';
import type { Json, StatesError } from './execution.ts';
import type { JsonObject, Template } from './states.ts';

/**
 * Evaluates a field of the branch's current state. A failure is recorded in the history.
 *
 * @param members the members of `$states` in addition to `input` and `context`
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
    // On AWS the EvaluationFailed event links to the event before StateEntered.
    if (visit && branch.previousEventId === visit.enteredEventId) {
      branch.previousEventId = visit.precedingEventId;
    }
    throw evaluationFailed(branch, error.cause, error.location);
  }
}

/**
 * Records that the value of a field is invalid.
 *
 * @param location of the field; undefined if the value is the state's input
 * @returns the error with which the state fails
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

/** Returns the value of `$states.context`. */
function contextOf({ runtime, visit, map }: Branch): JsonObject {
  const { Execution, StateMachine } = runtime.context;
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
