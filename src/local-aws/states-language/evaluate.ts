import { append, type Branch, stateError } from './branch.ts';
import { QueryEvaluationError } from './errors.ts';
import type { Json } from './execution.ts';
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
    const failure = stateError(branch, error.error, error.cause);
    append(branch, {
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: {
        state: branch.visit?.state.name,
        error: failure.error,
        cause: failure.cause,
        location: error.location,
      },
    });
    throw failure;
  }
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
        RetryCount: visit.retryCount,
      },
    }),
    StateMachine: { ...StateMachine },
    ...(map && { Map: map }),
  };
}
