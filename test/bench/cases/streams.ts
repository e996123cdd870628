import { holdCallers } from '../held-callers.ts';
import type { Case } from '../row.ts';
import { percentile } from '../statistics.ts';
import { count, delaysText, megabytes } from '../units.ts';

const callers = 10_000;
const executions = 200;
/** What streams may take beyond as many waiters, since the two are not measured at once. */
const tolerance = 1.15;
const who = '5,000 event streams and 5,000 callers with `Prefer: wait=60`';

const run = (streams: number) =>
  holdCallers({
    callers,
    streams,
    waitSeconds: 60,
    ends: {
      running: executions,
      ends: executions,
      endsPerSecond: 10,
      firstEndMilliseconds: 20_000,
    },
    hasTable: true,
  });

/** 5,000 event streams and 5,000 callers with `Prefer: wait`, and 10,000 of the latter beside. */
export const streams: Case = {
  name: 'streams',
  async run() {
    const waiters = await run(0);
    const mixed = await run(callers / 2);
    return [
      {
        measure: `${who}, for 200 executions: got the end`,
        ours: `${count(mixed.ended)}; statuses: ${JSON.stringify(mixed.statuses)}`,
        target: { text: 'all', isMet: mixed.ended === callers },
      },
      {
        measure: "The same: end reported after its event's arrival (median, 99 %)",
        ours: delaysText(mixed.delays),
        target: { text: '99 % within 2 s', isMet: percentile(mixed.delays, 0.99) <= 2000 },
      },
      {
        measure: 'The same: most resident memory',
        ours: `${megabytes(mixed.mostBytes)}; 10,000 callers who wait: ${megabytes(waiters.mostBytes)}`,
        target: {
          text: 'at most 15 % more than 10,000 callers who wait',
          isMet: mixed.mostBytes <= waiters.mostBytes * tolerance,
        },
      },
    ];
  },
};
