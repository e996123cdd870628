import { type Clock, systemClock } from '../clock.ts';
import type { SendEvent } from '../http/open-streams.ts';
import { rankOf } from '../status-table/rank.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { statusResponse, stepResponse } from './responses.ts';
import { timedOut, waitWithTimeout } from './wait-with-timeout.ts';

/** How often the steps of a running execution are polled. */
const stepsPollMilliseconds = 1000;
/** How long a status waits for the steps before it. */
const stepsHeldMilliseconds = 1000;

/**
 * Sends a `status` event for the status and for every change of it, until the execution ends or the
 * process stops. With `withSteps`, also sends a `step` event for every new or changed step.
 *
 * @throws the errors of `executions.statuses.waitForChange` and of `send`
 */
export async function sendStatusEvents(
  { statuses, steps }: Pick<WorkflowExecutions, 'statuses' | 'steps'>,
  first: Execution,
  options: { caller: string; signal: AbortSignal; withSteps: boolean; send: SendEvent },
  clock: Clock = systemClock,
): Promise<void> {
  const { caller, signal, withSteps, send } = options;
  const sendSteps = withSteps ? createStepEvents(steps, caller, send, clock) : undefined;
  let execution = first;
  for (;;) {
    // A final status must be the last event, because it ends the stream.
    if (!isRunning(execution)) await sendSteps?.(execution);
    await send({ event: 'status', id: eventId(execution), data: statusResponse(execution) });
    if (!isRunning(execution)) return;
    await sendSteps?.(execution);
    const change = statuses.waitForChange(execution, signal, caller);
    if (sendSteps) {
      const wait = waitWithTimeout(change, clock);
      while ((await wait(stepsPollMilliseconds)) === timedOut) await sendSteps(execution);
    }
    const next = await change;
    // Without a later state, the process is stopping.
    if (rankOf(next.execution) <= rankOf(execution)) return;
    ({ execution } = next);
  }
}

/** Returns a function that sends the steps that have changed since the previous call. */
function createStepEvents(
  steps: WorkflowExecutions['steps'],
  caller: string,
  send: SendEvent,
  clock: Clock,
) {
  let lastEventId = 0;
  return async (execution: Execution): Promise<void> => {
    // Steps are optional: if they cannot be read soon, the stream still sends statuses.
    const read = steps.get(execution.executionArn, caller, execution).catch(() => undefined);
    const known = await waitWithTimeout(read, clock)(stepsHeldMilliseconds);
    if (known === undefined || known === timedOut || known.lastEventId === lastEventId) return;
    const changed = known.steps.filter(({ changedBy }) => changedBy > lastEventId);
    lastEventId = known.lastEventId;
    for (const data of changed.map(stepResponse)) await send({ event: 'step', data });
  };
}

/** Identifies a status of an execution, like `RUNNING-0`; the number increases with each redrive. */
function eventId({ status, redriveCount = 0 }: Execution): string {
  return `${status}-${redriveCount}`;
}

/** Whether a client's `Last-Event-ID` identifies a final status, after which the stream ends. */
export function namesFinalState(lastEventId: string | string[] | undefined): boolean {
  return /^(?:SUCCEEDED|FAILED|TIMED_OUT|ABORTED)-\d+$/.test(String(lastEventId));
}
