import type { Status } from '../execution-statuses/status.ts';
import type { ServerSentEvent } from '../http/event-stream.ts';
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
): AsyncGenerator<ServerSentEvent, void> {
  const changes = statuses.watch(executionArn, signal, caller);
  const sent = new Map<number, string>();

  async function* newSteps(): AsyncGenerator<ServerSentEvent, void> {
    // Steps are a help to watch by: without them, the statuses still come.
    const known = await steps.get(executionArn).catch(() => undefined);
    for (const step of known?.steps ?? []) {
      const data = stepResponse(step);
      const text = JSON.stringify(data);
      if (sent.get(step.id) === text) continue;
      sent.set(step.id, text);
      yield { event: 'step', data };
    }
  }

  let change = changes.next();
  for (;;) {
    const result = withSteps ? await earlier(change, stepsEveryMilliseconds) : await change;
    if (result === undefined) {
      yield* newSteps();
      continue;
    }
    if (result.done) return;
    const { execution }: Status = result.value;
    // The end comes last, as it ends the stream.
    if (withSteps && !isRunning(execution)) yield* newSteps();
    yield { event: 'status', id: eventId(execution), data: statusResponse(execution) };
    if (withSteps && isRunning(execution)) yield* newSteps();
    change = changes.next();
  }
}

/** The promise's value, or `undefined` once the time has passed. */
async function earlier<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, milliseconds, undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
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
