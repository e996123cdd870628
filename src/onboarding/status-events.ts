import { type Clock, systemClock } from '../clock.ts';
import type { ServerSentEvent } from '../http/event-texts.ts';
import { timeIsUp, waitInTurns } from '../http/wait-in-turns.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import type { Executions } from '../step-functions/executions.ts';
import { statusResponse, stepResponse } from './responses.ts';

/** How often an execution that runs is looked at for new steps. */
const stepsEveryMilliseconds = 1000;

/**
 * Every change of an onboarding, as events `status`, and `step` where they are asked for, until it
 * has ended or the process stops. What is true already comes first.
 *
 * @throws what `executions.statuses.watch` throws
 */
export async function* onboardingEvents(
  { statuses, steps }: Pick<Executions, 'statuses' | 'steps'>,
  executionArn: string,
  { caller, signal, withSteps }: { caller: string; signal: AbortSignal; withSteps: boolean },
  clock: Clock = systemClock,
): AsyncGenerator<ServerSentEvent, void> {
  const changes = statuses.watch(executionArn, signal, caller);
  let lastEventId = 0;

  /** The steps that have changed since the last time. */
  async function* newSteps(execution: Execution): AsyncGenerator<ServerSentEvent, void> {
    // Steps are a help to watch by: without them, the statuses still come.
    const known = await steps.get(executionArn, caller, execution).catch(() => undefined);
    if (known === undefined || known.lastEventId === lastEventId) return;
    const changed = known.steps.filter(({ changedBy }) => changedBy > lastEventId);
    lastEventId = known.lastEventId;
    for (const data of changed.map(stepResponse)) yield { event: 'step', data };
  }

  async function* newStepsUntil(change: Promise<unknown>, execution: Execution) {
    const next = waitInTurns(change, clock);
    while ((await next(stepsEveryMilliseconds)) === timeIsUp) yield* newSteps(execution);
  }

  let last: Execution | undefined;
  for (;;) {
    const change = changes.next();
    if (withSteps && last) yield* newStepsUntil(change, last);
    const result = await change;
    if (result.done) return;
    const { execution } = result.value;
    // The end comes last, as it ends the stream.
    if (withSteps && !isRunning(execution)) yield* newSteps(execution);
    yield { event: 'status', id: eventId(execution), data: statusResponse(execution) };
    if (withSteps && isRunning(execution)) yield* newSteps(execution);
    last = execution;
  }
}

/** Names a state of an execution, as `RUNNING-0`; the number rises with each redrive. */
function eventId({ status, redriveCount = 0 }: Execution): string {
  return `${status}-${redriveCount}`;
}

/** Whether the last event that a client received was the last of its stream. */
export function namesFinalState(lastEventId: string | string[] | undefined): boolean {
  return /^(?:SUCCEEDED|FAILED|TIMED_OUT|ABORTED)-\d+$/.test(String(lastEventId));
}
