import { quotaSettings, quotas } from './aws-quotas.ts';
import { waitersResultSchema } from './load/waiters.ts';
import { withBench } from './rounds.ts';
import { delaysAfter } from './statistics.ts';
import { type Ends, playEnds } from './status-push.ts';
import { watchUsage } from './usage.ts';

/** Callers who each wait for the end of an execution, by `Prefer: wait` or an event stream. */
export function holdCallers(options: {
  readonly callers: number;
  /** How many of them follow an event stream. */
  readonly streams: number;
  readonly waitSeconds: number;
  readonly ends: Ends;
  readonly hasTable: boolean;
}) {
  const { callers, streams, waitSeconds, ends, hasTable } = options;
  return withBench(async (bench) => {
    const push = hasTable ? await bench.startPush() : undefined;
    const server = await bench.start('ours', {
      ...quotaSettings,
      ...push?.settings,
      MAX_EVENT_STREAMS: String(callers),
    });
    const load = bench.startLoad();
    await playEnds(bench.stub, push, ends, quotas);
    const usage = watchUsage([server]);
    const executions = ends.running;
    const result = await load.ask(
      'waiters',
      { url: server.url, callers, streams, executions, waitSeconds },
      waitersResultSchema,
    );
    const pushed = await push?.result();
    return {
      statuses: result.statuses,
      ended: result.ends.length,
      delays: delaysAfter(pushed?.arrivals, result.ends),
      mostBytes: (await usage.stop()).mostBytes,
      describes: (await bench.stub.calls()).DescribeExecution ?? { received: 0, throttled: 0 },
    };
  });
}
