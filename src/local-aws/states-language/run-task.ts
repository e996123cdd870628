import { append, type Branch, stateError } from './branch.ts';
import { namedError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { type Clock, type Json, StatesError, type TaskIntegrations } from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import type { TaskState } from './states.ts';

/**
 * Carries out a Task once.
 *
 * @throws {StatesError} the integration's error, `States.Timeout`, `States.HeartbeatTimeout`,
 *   `States.DataLimitExceeded`, or `States.Runtime` for a resource that local AWS does not have
 */
export async function runTask(branch: Branch, state: TaskState, input: Payload): Promise<Payload> {
  const { run } = branch;
  const [, service = ''] = /^arn:[^:]+:states:[^:]*:[^:]*:(.+)$/.exec(state.resource) ?? [];
  const integration = run.integrations.get(service);
  if (!integration) {
    throw stateError(branch, 'States.Runtime', unsupported(state.resource, run.integrations));
  }
  const taskArguments = state.arguments
    ? payloadOf(await evaluate(branch, state.arguments, input.value), state.name)
    : input;
  const timeout =
    state.timeoutSeconds && (await evaluate(branch, state.timeoutSeconds, input.value));
  const heartbeat =
    state.heartbeatSeconds && (await evaluate(branch, state.heartbeatSeconds, input.value));

  const separator = service.lastIndexOf(':');
  const resourceType = service.slice(0, separator);
  const resource = service.slice(separator + 1);
  append(branch, {
    type: 'TaskScheduled',
    taskScheduledEventDetails: {
      resourceType,
      resource,
      region: run.context.Execution.Id.split(':')[3] ?? '',
      parameters: taskArguments.text,
      ...(timeout !== undefined && { timeoutInSeconds: timeout }),
      ...(heartbeat !== undefined && { heartbeatInSeconds: heartbeat }),
    },
  });
  append(branch, { type: 'TaskStarted', taskStartedEventDetails: { resourceType, resource } });
  try {
    const call = (signal: AbortSignal) => integration(taskArguments.value, signal);
    const result = await withDeadline(
      call,
      deadlineOf(timeout, heartbeat),
      run.clock,
      branch.signal,
    );
    const payload = payloadOf(result, resourceType);
    append(branch, {
      type: 'TaskSucceeded',
      taskSucceededEventDetails: {
        resourceType,
        resource,
        output: payload.text,
        outputDetails: { truncated: false },
      },
    });
    return payload;
  } catch (thrown) {
    const error = asStatesError(thrown);
    const details = { resourceType, resource, ...namedError(error) };
    const timedOut = error instanceof DeadlinePassed;
    append(
      branch,
      timedOut
        ? { type: 'TaskTimedOut', taskTimedOutEventDetails: details }
        : { type: 'TaskFailed', taskFailedEventDetails: details },
    );
    throw error;
  }
}

function unsupported(resource: string, integrations: TaskIntegrations): string {
  const [suffix] = /\.(sync(:\d)?|waitForTaskToken)$/.exec(resource) ?? [];
  const pattern = suffix
    ? ` Nor does it have '${suffix}': it only requests, and takes the response.`
    : '';
  const supported = [...integrations.keys()].join(', ');
  return `Local AWS does not have the resource '${resource}'.${pattern} It has: ${supported}.`;
}

class DeadlinePassed extends StatesError {}

interface Deadline {
  readonly seconds: number;
  readonly error: string;
}

/** No integration of local AWS sends heartbeats, so the first one to be missed is the limit. */
function deadlineOf(timeout: number | undefined, heartbeat: number | undefined) {
  if (heartbeat !== undefined && heartbeat < (timeout ?? Number.POSITIVE_INFINITY)) {
    return { seconds: heartbeat, error: 'States.HeartbeatTimeout' };
  }
  return timeout === undefined ? undefined : { seconds: timeout, error: 'States.Timeout' };
}

/** Does not wait for a call that goes on although its signal is aborted. */
async function withDeadline(
  call: (signal: AbortSignal) => Promise<Json>,
  deadline: Deadline | undefined,
  clock: Clock,
  outer: AbortSignal,
): Promise<Json> {
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  outer.addEventListener('abort', () => reject(outer.reason), { signal: over.signal });
  const passed = async ({ seconds, error }: Deadline) => {
    await clock.sleep(seconds * 1000, signal);
    throw new DeadlinePassed(error, '');
  };
  try {
    const work = call(signal);
    return await Promise.race(deadline ? [aborted, work, passed(deadline)] : [aborted, work]);
  } finally {
    over.abort('The task is over.');
  }
}

/** An integration reports errors as StatesError; anything else is a fault of its own. */
function asStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  return new StatesError(
    'States.TaskFailed',
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}
