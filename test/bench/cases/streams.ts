import { setTimeout } from 'node:timers/promises';
import { quotaSettings, quotas } from '../aws-quotas.ts';
import { waitersResultSchema } from '../load/waiters.ts';
import { withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import { callsText, count, megabytes } from '../units.ts';

const callers = 10_000;
const executions = 200;
/** What streams may take beyond as many waiters, since the two are not measured at once. */
const tolerance = 1.15;

/** 10,000 callers of which so many follow an event stream and the others wait, for 200 executions. */
function run(streams: number) {
  return withBench(async ({ stub, start, startLoad }) => {
    const server = await start('ours', { ...quotaSettings, MAX_EVENT_STREAMS: String(callers) });
    const load = startLoad();
    await stub.play({
      executions,
      ends: executions,
      endsPerSecond: 10,
      firstEndMilliseconds: 20_000,
      quotas,
    });
    let mostBytes = 0;
    const isOver = new AbortController();
    const sampling = (async () => {
      while (!isOver.signal.aborted) {
        mostBytes = Math.max(mostBytes, (await server.usage()).residentBytes);
        await setTimeout(500);
      }
    })();
    const result = await load.ask(
      'waiters',
      { url: server.url, callers, streams, executions, waitSeconds: 60 },
      waitersResultSchema,
    );
    isOver.abort();
    await sampling;
    return { ...result, mostBytes, calls: await stub.calls() };
  });
}

/** 5,000 event streams and 5,000 callers with `Prefer: wait`, and 10,000 of the latter beside. */
export const streams: Case = {
  name: 'streams',
  async run() {
    const waiters = await run(0);
    const mixed = await run(callers / 2);
    return [
      {
        measure: '5,000 event streams and 5,000 callers with `Prefer: wait=60`: got the end',
        ours: `${count(mixed.ended)}; statuses: ${JSON.stringify(mixed.statuses)}; calls: ${callsText(mixed.calls)}`,
        target: { text: 'all', isMet: mixed.ended === callers },
      },
      {
        measure: 'the same: most resident memory',
        ours: `${megabytes(mixed.mostBytes)}; 10,000 callers who wait: ${megabytes(waiters.mostBytes)}`,
        target: {
          text: 'at most 15 % more than 10,000 callers who wait',
          isMet: mixed.mostBytes <= waiters.mostBytes * tolerance,
        },
      },
    ];
  },
};
