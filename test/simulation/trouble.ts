import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import { startsWithin } from './life.ts';
import type { Play } from './play.ts';
import { unlessCrashed } from './process.ts';
import { stop } from './stop.ts';

/** Crashes and stops processes, each of which is replaced. */
export async function crashAndStop(play: Play): Promise<void> {
  const { choices, clock, someProcess } = play.world;
  while (clock.now() < 2 * startsWithin) {
    await clock.sleep(choices.whole(5000, 60_000));
    if (!choices.chance(0.5)) continue;
    const process = await someProcess();
    if (choices.chance(0.5)) process.crash();
    else stop(play, process);
  }
}

/** Another program of the account calls DescribeExecution too. */
export async function useUpQuota({ world }: Play): Promise<void> {
  const { choices, clock, weather, stepFunctions } = world;
  while (weather.isQuotaShared && clock.now() < 2 * startsWithin) {
    stepFunctions.useUp(choices.whole(0, 250));
    await clock.sleep(20_000);
  }
}

/** A caller polls executions that do not exist. */
export async function makeArnsUp({ world, invariants }: Play): Promise<void> {
  const { choices, clock, weather, someProcess } = world;
  const { signal } = new AbortController();
  while (weather.hasInventedArns && clock.now() < startsWithin) {
    const process = await someProcess();
    const executionArn = executionArnOf(`nowhere-${choices.whole(1, 1e9)}`);
    const end = invariants.requests.begin(process, executionArn);
    unlessCrashed(process, process.executions.statuses.get(executionArn, signal, 'stranger'))
      .then(
        () => invariants.fail('an execution that does not exist has a status'),
        () => undefined,
      )
      .finally(end);
    await clock.sleep(choices.whole(10, 200));
  }
}
