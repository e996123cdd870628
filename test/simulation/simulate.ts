import { requestSync, useKey } from './callers/keyed-sync-callers.ts';
import { watchInvariants } from './invariants/invariants.ts';
import { madeUpWithin } from './invariants/table.ts';
import { live } from './life.ts';
import { createPlay, type Play } from './play.ts';
import { crashAndStop, makeArnsUp, useUpQuota } from './trouble.ts';
import { createWorld } from './world.ts';

const checkedEvery = 250;
/** Whoever still follows an execution then has been let down. */
const callersWithin = 900_000;
const hour = 3_600_000;

/** Plays one seed. Returns what went against the invariants, and how much happened. */
export async function simulate(seed: number) {
  const world = createWorld(seed, (...call) => invariants.requests.checkDescribe(...call));
  const { choices, weather, failures } = world;
  const invariants = watchInvariants(world);
  const play = createPlay(world, invariants);
  const keys = Array.from({ length: choices.whole(0, 4) }, (_, index) => `key-${index}`);

  const most = choices.chance(0.3) ? 3 : 25;
  for (let index = choices.whole(1, most); index > 0; index -= 1) {
    play.run('an execution', () => live(play, index));
  }
  if (weather.hasTable) for (const key of keys) useKey(play, key);
  for (const task of [crashAndStop, useUpQuota, makeArnsUp]) play.run(task.name, () => task(play));
  await playOn(play, callersWithin);
  if (failures.length === 0) await rest(play);
  if (failures.length === 0 && weather.hasTable) await letExpire(play, keys);
  return { failures, counts: { ...world.counts, ...play.counts }, weather };
}

/** All that is left to do is for the functions; the processes come to rest. */
async function rest({ world, invariants }: Play): Promise<void> {
  await world.clock.advance(madeUpWithin + 120_000);
  invariants.checkTable();
  for (const { name, executions, timers } of world.processes) {
    const { held } = executions.statuses.statistics();
    if (held > 0) invariants.fail(`${name} holds ${held} callers whom nobody knows of`);
    if (timers() > 0) invariants.fail(`${name} has ${timers()} timers, and nothing to do`);
  }
}

async function playOn({ world, invariants, busy }: Play, milliseconds: number): Promise<void> {
  const { clock, failures } = world;
  const until = clock.now() + milliseconds;
  while (busy().length > 0 && clock.now() < until && failures.length === 0) {
    await clock.advance(checkedEvery);
    invariants.check();
  }
  if (failures.length === 0) for (const label of busy()) invariants.fail(`${label} is never done`);
}

/** Keys are used again after 23 hours, and once their outcomes have expired. */
async function letExpire(play: Play, keys: readonly string[]): Promise<void> {
  const { world, invariants } = play;
  world.stopReconciling();
  for (const hours of [23, 2]) {
    await world.clock.advance(hours * hour);
    if (hours === 2) invariants.keys.expire();
    for (const key of keys) {
      play.run(`who uses ${key} later`, async () => {
        await requestSync(play, key, JSON.stringify({ key }));
      });
    }
    await playOn(play, hour);
  }
}
