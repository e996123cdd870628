import { requestSync, useKey } from './callers/sync-idempotency-callers.ts';
import { watchInvariants } from './invariants/invariants.ts';
import { recoveredBy } from './invariants/table.ts';
import { live, liveInCrowd } from './life.ts';
import { createPlay, type Play } from './play.ts';
import { crashAndStop, makeArnsUp, useUpQuota } from './trouble.ts';
import { createWorld } from './world.ts';

const checkIntervalMilliseconds = 250;
/** By then, every caller must have received the end. */
const callersMilliseconds = 900_000;
const hour = 3_600_000;

/** Simulates one seed. Returns the violations of invariants, and the number of events. */
export async function simulate(seed: number) {
  const world = createWorld(seed, (...call) => invariants.requests.checkDescribe(...call));
  const { choices, weather, failures } = world;
  const invariants = watchInvariants(world);
  const play = createPlay(world, invariants);
  const keys = Array.from({ length: choices.whole(0, 6) }, (_, index) => `key-${index}`);

  const most = choices.chance(0.3) ? 3 : 25;
  for (let index = choices.whole(1, most); index > 0; index -= 1) {
    play.run('an execution', () => live(play, index));
  }
  for (let index = weather.crowd; index > 0; index -= 1) {
    play.run('an execution of the crowd', () => liveInCrowd(play, index));
  }
  if (weather.hasTable) for (const key of keys) useKey(play, key);
  for (const task of [crashAndStop, useUpQuota, makeArnsUp]) play.run(task.name, () => task(play));
  await playOn(play, callersMilliseconds);
  if (failures.length === 0) await checkIdle(play);
  if (failures.length === 0 && weather.hasTable) await letExpire(play, keys);
  return { failures, counts: { ...world.counts, ...play.counts }, weather };
}

/** Lets the functions recover lost events. Idle processes must have no callers and timers. */
async function checkIdle({ world, invariants }: Play): Promise<void> {
  const { clock } = world;
  await clock.advance(recoveredBy(world, clock.now()) + 1000 - clock.now());
  invariants.checkTable();
  for (const { name, executions, timers } of world.processes) {
    const { held } = executions.statuses.statistics();
    if (held > 0) invariants.fail(`${name} holds ${held} callers without a request`);
    if (timers() > 0) invariants.fail(`${name} has ${timers()} timers while it is idle`);
  }
}

/** Lets time pass until all tasks have finished, and checks the invariants meanwhile. */
async function playOn({ world, invariants, busy }: Play, milliseconds: number): Promise<void> {
  const { clock, failures } = world;
  const until = clock.now() + milliseconds;
  while (busy().length > 0 && clock.now() < until && failures.length === 0) {
    await clock.advance(checkIntervalMilliseconds);
    invariants.check();
  }
  if (failures.length === 0) for (const label of busy()) invariants.fail(`${label} never ends`);
}

/** Uses the keys again after 23 hours, and after their outcomes have expired. */
async function letExpire(play: Play, keys: readonly string[]): Promise<void> {
  const { world, invariants } = play;
  world.stopReconciling();
  for (const hours of [23, 2]) {
    await world.clock.advance(hours * hour);
    if (hours === 2) invariants.keys.expire();
    for (const key of keys) {
      play.run(`later caller with ${key}`, async () => {
        await requestSync(play, key, JSON.stringify({ key }));
      });
    }
    await playOn(play, hour);
  }
}
