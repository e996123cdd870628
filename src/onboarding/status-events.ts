import { type Clock, systemClock } from '../clock.ts';
import type { ServerSentEvent } from '../http/event-texts.ts';
import { timedOut, waitWithTimeout } from '../http/wait-with-timeout.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import type { Executions } from '../step-functions/executions.ts';
import { statusResponse, stepResponse } from './responses.ts';

/** How often the steps of a running execution are polled. */
const stepsPollMilliseconds = 1000;

/**
 * Yields a `status` event for the current status and for every change, until the execution ends or
 * the process stops. With `withSteps`, also yields a `step` event for every new or changed step.
 *
 * @throws the errors of `executions.statuses.get`
 */
export async function* onboardingEvents(
  { statuses, steps }: Pick<Executions, 'statuses' | 'steps'>,
  executionArn: string,
  { caller, signal, withSteps }: { caller: string; signal: AbortSignal; withSteps: boolean },
  clock: Clock = systemClock,
): AsyncGenerator<ServerSentEvent, void> {
  let lastEventId = 0;

  /** Yields the steps that have changed since the previous call. */
  async function* newSteps(execution: Execution): AsyncGenerator<ServerSentEvent, void> {
    // Steps are optional: if they cannot be read, the stream still sends statuses.
    const known = await steps.get(executionArn, caller, execution).catch(() => undefined);
    if (known === undefined || known.lastEventId === lastEventId) return;
    const changed = known.steps.filter(({ changedBy }) => changedBy > lastEventId);
    lastEventId = known.lastEventId;
    for (const data of changed.map(stepResponse)) yield { event: 'step', data };
  }

  async function* newStepsUntil(change: Promise<unknown>, execution: Execution) {
    const next = waitWithTimeout(change, clock);
    while ((await next(stepsPollMilliseconds)) === timedOut) yield* newSteps(execution);
  }

  let { execution } = await statuses.get(executionArn, signal, caller);
  for (;;) {
    // A final status must be the last event, because it ends the stream.
    if (withSteps && !isRunning(execution)) yield* newSteps(execution);
    yield { event: 'status', id: eventId(execution), data: statusResponse(execution) };
    if (!isRunning(execution)) return;
    if (withSteps) yield* newSteps(execution);
    const change = statuses.waitForChange(execution, signal, caller);
    if (withSteps) yield* newStepsUntil(change, execution);
    const next = await change;
    if (next === undefined) return;
    execution = next;
  }
}

/** Identifies a status of an execution, like `RUNNING-0`; the number increases with each redrive. */
function eventId({ status, redriveCount = 0 }: Execution): string {
  return `${status}-${redriveCount}`;
}

/** Whether a client's `Last-Event-ID` identifies a final status, after which the stream ends. */
export function namesFinalState(lastEventId: string | string[] | undefined): boolean {
  return /^(?:SUCCEEDED|FAILED|TIMED_OUT|ABORTED)-\d+$/.test(String(lastEventId));
}
