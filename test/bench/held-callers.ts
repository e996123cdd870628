import { setTimeout } from 'node:timers/promises';
import { quotaSettings, quotas } from './aws-quotas.ts';
import { heldCallersResultSchema } from './load/held-callers.ts';
import { type Bench, withBench } from './rounds.ts';
import { delaysAfter } from './statistics.ts';
import { type Ends, playEnds } from './status-push.ts';
import { watchUsage } from './usage.ts';

/** Callers that each wait for the end of an execution, with `Prefer: wait` or an event stream. */
export interface Callers {
  readonly callers: number;
  /** How many of them open an event stream. */
  readonly streams: number;
  readonly waitSeconds: number;
}

async function startWaiting(bench: Bench, who: Callers, ends: Ends, hasTable: boolean) {
  const push = hasTable ? await bench.startPush() : undefined;
  const server = await bench.start('ours', {
    ...quotaSettings,
    ...push?.settings,
    MAX_EVENT_STREAMS: String(who.callers),
  });
  const load = bench.startLoad();
  await playEnds(bench.stub, push, ends, quotas);
  const details = { ...who, url: server.url, executions: ends.running };
  const result = load.call('heldCallers', details, heldCallersResultSchema);
  return { push, server, result };
}

/** Holds callers until their executions end. */
export function holdCallers(who: Callers, ends: Ends, hasTable: boolean) {
  return withBench(async (bench) => {
    const { push, server, result } = await startWaiting(bench, who, ends, hasTable);
    const usage = watchUsage([server]);
    const { statuses, ends: reports } = await result;
    const pushed = await push?.result();
    return {
      statuses,
      ended: reports.length,
      delays: delaysAfter(pushed?.arrivals, reports),
      mostBytes: (await usage.stop()).mostBytes,
      describes: (await bench.stub.calls()).DescribeExecution ?? { received: 0, throttled: 0 },
    };
  });
}

/** Measures the heap of the service while it holds callers of this many executions; stops it. */
export function stopWithHeldCallers(who: Callers, executions: number) {
  return withBench(async (bench) => {
    const ends = { running: executions, ends: 0, endsPerSecond: 1, firstEndMilliseconds: 0 };
    const { server, result } = await startWaiting(bench, who, ends, true);
    const isHeld = new RegExp(`^status_held_callers ${who.callers}$`, 'm');
    while (!isHeld.test(await (await fetch(`${server.url}/metrics`)).text())) await setTimeout(100);
    const heapBytes = await server.heapBytes();
    const began = performance.now();
    const exitCode = await server.terminate();
    const seconds = (performance.now() - began) / 1000;
    return { heapBytes, exitCode, seconds, statuses: (await result).statuses };
  });
}
