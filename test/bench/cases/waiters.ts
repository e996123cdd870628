import { setTimeout } from 'node:timers/promises';
import { quotaSettings, quotas } from '../aws-quotas.ts';
import { waitersResultSchema } from '../load/waiters.ts';
import { withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import { callsText, count, megabytes } from '../units.ts';

const callers = 10_000;
const waitSeconds = 30;
const ends = 200;
const targetBytes = 400e6;

/** 10,000 callers who wait with `Prefer: wait=30`, each for an execution of its own. */
export const waiters: Case = {
  name: 'waiters',
  run: () =>
    withBench(async ({ stub, start, startLoad }) => {
      const server = await start('ours', quotaSettings);
      const load = startLoad();
      await stub.play({
        executions: callers,
        ends,
        endsPerSecond: 10,
        firstEndMilliseconds: 5000,
        quotas,
      });
      let mostBytes = 0;
      let isOver = false;
      const sampling = (async () => {
        while (!isOver) {
          mostBytes = Math.max(mostBytes, (await server.usage()).residentBytes);
          await setTimeout(500);
        }
      })();
      const { statuses, ended } = await load.ask(
        'waiters',
        { url: server.url, callers, waitSeconds },
        waitersResultSchema,
      );
      isOver = true;
      await sampling;
      const calls = await stub.calls();
      const good = statuses[200] ?? 0;
      return [
        {
          measure: '10,000 callers with `Prefer: wait=30`: answered',
          ours: `${count(good)}, of which ${count(ended)} with the end`,
          target: {
            text: `all, ${ends} ends among them`,
            isMet: good === callers && ended >= ends,
          },
        },
        {
          measure: '10,000 callers with `Prefer: wait=30`: calls, throttled',
          ours: callsText(calls),
          target: {
            text: 'one description for each end and a burst at most, none throttled',
            isMet:
              Object.values(calls).every(({ throttled }) => throttled === 0) &&
              // The burst may be spent on executions never seen before.
              (calls.DescribeExecution?.received ?? 0) <= ends + quotas.DescribeExecution.burst,
          },
        },
        {
          measure: '10,000 callers with `Prefer: wait=30`: most resident memory',
          ours: megabytes(mostBytes),
          target: { text: '≤ 400 MB', isMet: mostBytes <= targetBytes },
        },
      ];
    }),
};
