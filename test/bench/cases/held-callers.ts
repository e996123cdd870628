import { holdCallers } from '../held-callers.ts';
import type { Case } from '../row.ts';
import { percentile } from '../statistics.ts';
import { count, delaysText, megabytes } from '../units.ts';

const callers = 10_000;
const ends = 200;
const load = '10,000 callers with `Prefer: wait=30`';

const run = (hasTable: boolean) =>
  holdCallers(
    { callers, streams: 0, waitSeconds: 30 },
    { running: callers, ends, endsPerSecond: 10, firstEndMilliseconds: 5000 },
    hasTable,
  );

/** 10,000 callers with `Prefer: wait=30`, each for its own execution. */
export const heldCallers: Case = {
  name: 'held-callers',
  async run() {
    const { statuses, ended, delays, describes, mostBytes } = await run(true);
    const without = await run(false);
    const good = statuses[200] ?? 0;
    return [
      {
        measure: `${load}: got a status`,
        ours: `${count(good)}, of which ${count(ended)} with the end; without a table ${count(without.statuses[200] ?? 0)}, ${count(without.ended)}`,
        target: {
          text: `all, ${ends} ends among them`,
          isMet: good === callers && ended === ends,
        },
      },
      {
        measure: `${load}: end reported after its event's arrival (median, 99 %)`,
        ours: delaysText(delays),
        target: { text: '99 % within 2 s', isMet: percentile(delays, 0.99) <= 2000 },
      },
      {
        measure: `${load}: DescribeExecution calls, throttled`,
        ours: `${count(describes.received)}, ${count(describes.throttled)}`,
        target: {
          text: 'at most 1 for 100 executions, none throttled',
          isMet: describes.received <= callers / 100 && describes.throttled === 0,
        },
      },
      {
        measure: `${load}: most resident memory`,
        ours: megabytes(mostBytes),
        target: { text: '≤ 388 MB', isMet: mostBytes <= 388e6 },
      },
    ];
  },
};
