import { isCancelled } from '../../../src/step-functions/cancel-execution.ts';
import type { Play } from '../play.ts';
import { unlessCrashed } from '../process.ts';

/** Cancels an execution, and repeats the request until the response has the end. */
export async function cancel(play: Play, executionArn: string, caller: string): Promise<void> {
  const { choices, clock, someProcess } = play.world;
  const { cancels, requests } = play.invariants;
  for (let left = 5; left > 0; left -= 1) {
    const process = await someProcess();
    const since = clock.now();
    const end = requests.begin(process, executionArn);
    const reason = choices.pick(['The user withdrew.', 'It was a test.', undefined]);
    const cancelled = process.executions.cancel(executionArn, reason, caller).finally(end);
    try {
      const execution = await unlessCrashed(process, cancelled);
      play.counts.cancels += 1;
      cancels.checkResponse(process, since, execution);
      // Some repeat it, and must get the same response.
      if (!isCancelled(execution) || choices.chance(0.7)) return;
    } catch (error) {
      if (process.crashed.aborted) end();
      else cancels.checkError(process, executionArn, since, error);
    }
    await clock.sleep(choices.whole(10, 5000));
  }
}
