import { holdCallers, stopWithHeldCallers } from '../held-callers.ts';
import type { Case } from '../row.ts';
import { percentile } from '../statistics.ts';
import { count, delaysText, megabytes, seconds } from '../units.ts';

const callers = 10_000;
const executions = 200;
/** Resident memory contains garbage, by which two runs of the same load differ by up to 10 %. */
const residentTolerance = 1.15;
/** A stream holds the text of its headers, but no timer. */
const heapTolerance = 1.03;
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
    const waiting = await run(0);
    const mixed = await run(callers / 2);
    const memory = {
      waiting: Math.min(waiting.mostBytes, (await run(0)).mostBytes),
      mixed: Math.min(mixed.mostBytes, (await run(callers / 2)).mostBytes),
    };
    const stop = (streams: number) =>
      stopWithHeldCallers({ callers, streams, waitSeconds: 60 }, executions);
    const stoppedWaiting = await stop(0);
    const stopped = await stop(callers / 2);
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
        ours: `${megabytes(memory.mixed)}; 10,000 waiting callers: ${megabytes(memory.waiting)}`,
        target: {
          text: 'at most 15 % more than 10,000 waiting callers',
          isMet: memory.mixed <= memory.waiting * residentTolerance,
        },
      },
      {
        measure: 'The same: heap in use while all are held, after a collection',
        ours: `${megabytes(stopped.heapBytes)}; 10,000 waiting callers: ${megabytes(stoppedWaiting.heapBytes)}`,
        target: {
          text: 'at most 3 % more than 10,000 waiting callers',
          isMet: stopped.heapBytes <= stoppedWaiting.heapBytes * heapTolerance,
        },
      },
      {
        measure: 'The same: SIGTERM while all are held',
        ours: `exit code ${stopped.exitCode} after ${seconds(stopped.seconds)}; statuses: ${JSON.stringify(stopped.statuses)}`,
        target: {
          text: `a status for all, within its grace of ${graceSeconds} s`,
          isMet:
            stopped.exitCode === 0 &&
            stopped.seconds <= graceSeconds &&
            stopped.statuses[200] === callers,
        },
      },
    ];
  },
};
