import type { Play } from './play.ts';
import { type Process, unlessCrashed } from './process.ts';

/** The deadline of a sync execution, and the time to store its outcome. */
const stopsWithin = 60_000;

/** Stops a process as SIGTERM does, unless it has crashed or is stopping. */
export function stop(play: Play, process: Process): void {
  if (process.crashed.aborted || process.stopping.aborted) return;
  play.run(`the stop of ${process.name}`, () => stopNow(play, process));
}

async function stopNow({ world, invariants, counts }: Play, process: Process): Promise<void> {
  const { clock } = world;
  const { fail, keys, requests } = invariants;
  const stopped = process.stop(requests.untilIdle(process));
  const stopTimer = clock.schedule(stopsWithin, () => fail(`${process.name} does not stop`));
  await unlessCrashed(process, stopped).catch(() => undefined);
  stopTimer();
  if (process.crashed.aborted) return;
  counts.stops += 1;
  keys.checkStopped(process);
  // Let its aborted calls end.
  await clock.sleep(100);
  const { held } = process.executions.statuses.statistics();
  if (held > 0) fail(`${process.name} holds ${held} callers after its stop`);
  const timers = process.timers();
  if (timers > 0) fail(`${process.name} has ${timers} timers after its stop`);
  // The operating system ends the rest.
  process.crash();
}
