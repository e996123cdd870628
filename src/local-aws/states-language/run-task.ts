import { append, type Branch, stateError } from './branch.ts';
import { errorFields } from './errors.ts';
import { evaluate } from './evaluate.ts';
import {
  type Json,
  StatesError,
  type TaskIntegration,
  type TaskIntegrations,
} from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import type { TaskState } from './states.ts';
import { DeadlinePassed, type Deadlines, withDeadlines } from './task-deadlines.ts';

/**
 * Runs one attempt of a Task.
 *
 * @throws {StatesError} the integration's error, `States.Timeout`, `States.HeartbeatTimeout`,
 *   `States.DataLimitExceeded`, or `States.Runtime` if local AWS does not support the resource
 */
export async function runTask(branch: Branch, state: TaskState, input: Payload): Promise<Payload> {
  const call = resolveCall(branch, state);
  const finished = new AbortController();
  const signal = AbortSignal.any([branch.signal, finished.signal]);
  const callback = call.waitsForToken ? branch.runtime.createCallbackTask(signal) : undefined;
  if (branch.visit && callback) branch.visit.taskToken = callback.token;
  try {
    const taskArguments = state.arguments
      ? payloadOf(await evaluate(branch, state.arguments, input.value), state.name)
      : input;
    const deadlines: Deadlines = {
      timeout: state.timeoutSeconds && (await evaluate(branch, state.timeoutSeconds, input.value)),
      heartbeat:
        state.heartbeatSeconds && (await evaluate(branch, state.heartbeatSeconds, input.value)),
    };
    const { resource, resourceType } = call;
    append(branch, {
      type: 'TaskScheduled',
      taskScheduledEventDetails: {
        resourceType,
        resource,
        region: branch.runtime.context.Execution.Id.split(':')[3] ?? '',
        parameters: taskArguments.text,
        ...(deadlines.timeout !== undefined && { timeoutInSeconds: deadlines.timeout }),
        ...(deadlines.heartbeat !== undefined && { heartbeatInSeconds: deadlines.heartbeat }),
      },
    });
    const startedEventId = append(branch, {
      type: 'TaskStarted',
      taskStartedEventDetails: { resourceType, resource },
    });
    const log = (line: string) => branch.runtime.recordLog(startedEventId, line);
    return await recordOutcome(branch, call, () =>
      withDeadlines(
        deadlines,
        branch.runtime.clock,
        branch.signal,
        callback,
        async (taskSignal) => {
          const response = await call.integration(taskArguments.value, taskSignal, log);
          if (!callback) return response;
          taskSignal.throwIfAborted();
          const output = payloadOf(response, resourceType).text;
          append(branch, {
            type: 'TaskSubmitted',
            taskSubmittedEventDetails: {
              resourceType,
              resource,
              output,
              outputDetails: { truncated: false },
            },
          });
          return callback.result;
        },
      ),
    );
  } finally {
    finished.abort('The task has ended.');
    if (branch.visit) delete branch.visit.taskToken;
  }
}

interface Call {
  /** Such as `sqs`. */
  readonly resourceType: string;
  /** Such as `sendMessage.waitForTaskToken`. */
  readonly resource: string;
  readonly integration: TaskIntegration;
  readonly waitsForToken: boolean;
}

const tokenSuffix = '.waitForTaskToken';

/** @throws {StatesError} `States.Runtime` */
function resolveCall(branch: Branch, state: TaskState): Call {
  const { integrations } = branch.runtime;
  const [, service = ''] = /^arn:[^:]+:states:[^:]*:[^:]*:(.+)$/.exec(state.resource) ?? [];
  const waitsForToken = service.endsWith(tokenSuffix);
  const integration = integrations.get(
    waitsForToken ? service.slice(0, -tokenSuffix.length) : service,
  );
  if (!integration || (waitsForToken && !integration.takesToken)) {
    throw stateError(branch, 'States.Runtime', unsupported(state.resource, integrations));
  }
  const separator = service.lastIndexOf(':');
  return {
    resourceType: service.slice(0, separator),
    resource: service.slice(separator + 1),
    integration,
    waitsForToken,
  };
}

/** Runs the work of a Task and records how it ended. */
async function recordOutcome(
  branch: Branch,
  { resource, resourceType }: Call,
  work: () => Promise<Json>,
): Promise<Payload> {
  try {
    const payload = payloadOf(await work(), resourceType);
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
    const details = { resourceType, resource, ...errorFields(error) };
    append(
      branch,
      error instanceof DeadlinePassed
        ? { type: 'TaskTimedOut', taskTimedOutEventDetails: details }
        : { type: 'TaskFailed', taskFailedEventDetails: details },
    );
    throw error;
  }
}

function unsupported(resource: string, integrations: TaskIntegrations): string {
  const [suffix] = /\.(sync(:\d)?|waitForTaskToken)$/.exec(resource) ?? [];
  const pattern = suffix ? ` It does not support '${suffix}' there.` : '';
  const supported = [...integrations].map(([name, { takesToken }]) => {
    return takesToken ? `${name} (also with ${tokenSuffix})` : name;
  });
  return `Local AWS does not support the resource '${resource}'.${pattern} Supported: ${supported.join(', ')}.`;
}

/** An integration throws StatesErrors. Any other error is a defect of the integration. */
function asStatesError(thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  return new StatesError(
    'States.TaskFailed',
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}
