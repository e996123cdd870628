import { cancel } from './callers/cancelling-callers.ts';
import { start } from './callers/starting-callers.ts';
import { follow } from './callers/status-callers.ts';
import { followStream } from './callers/stream-callers.ts';
import { crowdName } from './crowd.ts';
import type { Play } from './play.ts';

export const startsWithin = 60_000;

/** One execution from its start to its last end, with callers that follow or cancel it. */
export async function live(play: Play, index: number): Promise<void> {
  const { choices, clock, executions, weather } = play.world;
  await clock.sleep(choices.whole(0, startsWithin));
  const name = `execution-${index}`;
  const executionArn = await start(play, name);
  for (let followers = choices.whole(0, 4); followers > 0; followers -= 1) {
    addFollower(play, executionArn);
  }
  const duration = choices.chance(0.5) ? choices.whole(0, 5000) : choices.whole(0, weather.longest);
  for (let cancels = choices.chance(0.3) ? choices.whole(1, 2) : 0; cancels > 0; cancels -= 1) {
    // Often about when it ends.
    const delay = Math.max(0, duration + choices.whole(choices.chance(0.5) ? -100 : -5000, 500));
    play.run(`cancel of ${name}`, async () => {
      await clock.sleep(delay);
      await cancel(play, executionArn, choices.pick(['backend', 'app']) ?? '');
    });
  }
  await clock.sleep(duration);
  for (let redrives = 0; redrives < 2 && choices.chance(0.25); redrives += 1) {
    executions.end(executionArn, 'FAILED');
    await clock.sleep(choices.whole(200, 150_000));
    executions.redrive(executionArn);
    await clock.sleep(choices.whole(100, 20_000));
  }
  const end = choices.pick(['SUCCEEDED', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const);
  executions.end(executionArn, end ?? 'SUCCEEDED');
  play.settled.add(executionArn);
}

/** One of the executions of a crowd, which nobody starts through the service. */
export async function liveInCrowd(play: Play, index: number): Promise<void> {
  const { choices, clock, executions } = play.world;
  await clock.sleep(choices.whole(0, 10_000));
  const executionArn = executions.start(crowdName(index), '{}');
  for (let followers = choices.whole(1, 3); followers > 0; followers -= 1) {
    addFollower(play, executionArn);
  }
  await clock.sleep(choices.whole(5000, 120_000));
  executions.end(executionArn, 'SUCCEEDED');
  play.settled.add(executionArn);
}

/** A caller who polls, waits or has a stream. Some come long after the start. */
function addFollower(play: Play, executionArn: string): void {
  const { choices, clock } = play.world;
  const caller = choices.pick(['backend', 'app', executionArn]) ?? '';
  const delay = choices.chance(0.8) ? choices.whole(20, 3000) : choices.whole(3000, 40_000);
  const task = choices.chance(0.4) ? followStream : follow;
  play.run(`${task.name} of ${executionArn}`, async () => {
    await clock.sleep(delay);
    await task(play, executionArn, caller);
  });
}
