import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import { KeyReused } from '../../../src/step-functions/idempotency-errors.ts';
import type { Play } from '../play.ts';
import { unlessCrashed } from '../process.ts';
import { stop } from '../stop.ts';

/** One or several callers that use a key, some of them with another request. */
export function useKey(play: Play, key: string): void {
  const { choices, clock } = play.world;
  const from = choices.whole(0, 60_000);
  for (let callers = choices.whole(1, 4); callers > 0; callers -= 1) {
    const input = choices.chance(0.1) ? { key, isOther: true } : { key };
    const later = choices.chance(0.6) ? choices.whole(0, 50) : choices.whole(0, 20_000);
    play.run(`caller with ${key}`, async () => {
      await clock.sleep(from + later);
      await repeat(play, key, JSON.stringify(input));
    });
  }
}

/** Repeats the request until its outcome is known, or will never be known. */
async function repeat(play: Play, key: string, input: string): Promise<void> {
  const { choices, clock } = play.world;
  let again = choices.whole(0, 2);
  for (;;) {
    const isDone = await requestSync(play, key, input);
    if (isDone && again === 0) return;
    if (isDone) again -= 1;
    const later = isDone || choices.chance(0.2) ? choices.whole(0, 60_000) : 0;
    await clock.sleep(choices.whole(20, 2000) + later);
  }
}

/** Sends one request. Returns whether the response is final. */
export async function requestSync(play: Play, key: string, input: string): Promise<boolean> {
  const { choices, clock, someProcess } = play.world;
  const { keys, requests } = play.invariants;
  const process = await someProcess();
  const { idempotentSync } = process.executions;
  if (!idempotentSync) return true;
  const attempt = keys.begin(process, key, input);
  const end = requests.begin(process, key);
  // The caller disconnects: nobody waits for the response. The process may stop at that moment.
  if (choices.chance(0.2)) {
    const isStopped = choices.chance(0.3);
    clock.schedule(choices.whole(0, 2000), () => {
      end();
      if (isStopped) stop(play, process);
    });
  }
  try {
    const request = idempotentSync.run({ idempotencyKey: key, caller: 'backend', input });
    const outcome = await unlessCrashed(process, request);
    play.counts.outcomes += 1;
    keys.checkOutcome(attempt, outcome);
    return true;
  } catch (error) {
    play.counts.errors += 1;
    if (!process.crashed.aborted) keys.checkError(attempt, error);
    return error instanceof KeyReused || isUnknown(error);
  } finally {
    end();
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof StepFunctionsError && error.failure === 'outcome-unknown';
}
