import { holdCallers, stopWithHeldCallers } from '../held-callers.ts';
import type { Case } from '../row.ts';
import { percentile } from '../statistics.ts';
import { count, delaysText, megabytes, seconds } from '../units.ts';

const callers = 10_000;
const executions = 200;
/** The memory that streams may take compared to waiters: garbage alone makes runs differ by 10 %. */
const tolerance = 1.15;
/** The default of SHUTDOWN_GRACE_SECONDS. */
const graceSeconds = 30;
const load = '5,000 event streams and 5,000 callers with `Prefer: wait=60`';

const run = (streams: number) =>
  holdCallers(
    { callers, streams, waitSeconds: 60 },
    { running: executions, ends: executions, endsPerSecond: 20, firstEndMilliseconds: 15_000 },
    true,
  );

/** 5,000 event streams and 5,000 callers with `Prefer: wait`, compared to 10,000 of the latter. */
export const streams: Case = {
  name: 'streams',
  async run() {
    const waiters = await run(0);
    const mixed = await run(callers / 2);
    const memory = {
      waiters: Math.min(waiters.mostBytes, (await run(0)).mostBytes),
      mixed: Math.min(mixed.mostBytes, (await run(callers / 2)).mostBytes),
    };
    const half = { callers, streams: callers / 2, waitSeconds: 60 };
    const stop = await stopWithHeldCallers(half, executions);
    return [
      {
        measure: `${load}, for 200 executions: got the end`,
        ours: `${count(mixed.ended)}; statuses: ${JSON.stringify(mixed.statuses)}`,
        target: { text: 'all', isMet: mixed.ended === callers },
      },
      {
        measure: "The same: end reported after its event's arrival (median, 99 %)",
        ours: delaysText(mixed.delays),
        target: { text: '99 % within 2 s', isMet: percentile(mixed.delays, 0.99) <= 2000 },
      },
      {
        measure: 'The same: most resident memory, the lower of two runs',
        ours: `${megabytes(memory.mixed)}; 10,000 waiting callers: ${megabytes(memory.waiters)}`,
        target: {
          text: 'at most 15 % more than 10,000 waiting callers',
          isMet: memory.mixed <= memory.waiters * tolerance,
        },
      },
      {
        measure: 'The same: SIGTERM while all are held',
        ours: `exit code ${stop.exitCode} after ${seconds(stop.seconds)}; statuses: ${JSON.stringify(stop.statuses)}`,
        target: {
          text: `a status for all, within its grace of ${graceSeconds} s`,
          isMet:
            stop.exitCode === 0 && stop.seconds <= graceSeconds && stop.statuses[200] === callers,
        },
      },
    ];
  },
};
