import { commonQuotas, sharedQuotaSettings } from '../aws-quotas.ts';
import { followersResultSchema } from '../load/followers.ts';
import { type Bench, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import type { Peer, Server } from '../servers/server.ts';
import { delaysAfter, percentile } from '../statistics.ts';
import { playEnds } from '../status-push.ts';
import type { TableCounts } from '../status-table.ts';
import { count, delaysText, megabytes } from '../units.ts';
import { watchUsage } from '../usage.ts';

const processes = 3;
const callers = 3000;
const endsPerSecond = 100;
const firstEndMilliseconds = 5000;
const measuredSeconds = 60;
/** The runs without a table, and of the straight port, fail early, so they can be shorter. */
const withoutTableSeconds = 20;
const straightSeconds = 10;
/** Time for the events of the last ends, and for callers that poll then. */
const secondsAfterEnds = 8;

const load = `${count(endsPerSecond)} ends a second, ${count(callers)} callers, ${processes} processes`;

/** Ten times as many ends as DescribeExecution could report, by push. */
export const push: Case = {
  name: 'push',
  run: async () => {
    const ours = await withBench((bench) => follow(bench, 'ours', measuredSeconds, true));
    const without = await withBench((bench) => follow(bench, 'ours', withoutTableSeconds, false));
    const straight = await withBench((bench) =>
      follow(bench, 'straight port', straightSeconds, false),
    );
    const { waiting, polling } = ours.delays;
    const describes = ours.describes.received / ours.ends;
    return [
      {
        measure: `Push, ${load}: errors seen`,
        'straight port': errorsOf(straight),
        ours: `${errorsOf(ours)}; without a table ${errorsOf(without)}`,
        target: { text: 'none', isMet: ours.errors === 0 },
      },
      {
        measure: 'Push: ends reported',
        'straight port': reportsOf(straight),
        ours: `${reportsOf(ours)}; without a table ${reportsOf(without)}`,
        target: { text: 'all', isMet: ours.reported === ours.ends },
      },
      {
        measure: "Push: reported after the event's arrival (median, 99 %)",
        ours: `waiting ${delaysText(waiting)}; polling ${delaysText(polling)}`,
        target: {
          text: 'waiting: 99 % within 2 s',
          isMet: percentile(waiting, 0.99) <= 2000,
        },
      },
      {
        measure: 'Push: DescribeExecution calls for an execution, throttled',
        'straight port': describesOf(straight),
        ours: `${describesOf(ours)}; without a table ${describesOf(without)}`,
        target: {
          text: 'at most 0.01, none throttled',
          isMet: describes <= 0.01 && ours.describes.throttled === 0,
        },
      },
      {
        measure: 'Push: table reads by a process each second',
        ours: readsOf(ours.table),
      },
      {
        measure: 'Push: most resident memory of a process; its CPU',
        'straight port': usageOf(straight),
        ours: `${usageOf(ours)}; without a table ${usageOf(without)}`,
      },
    ];
  },
};

async function follow(bench: Bench, peer: Peer, duration: number, hasTable: boolean) {
  const push = hasTable ? await bench.startPush() : undefined;
  const settings = { ...sharedQuotaSettings(processes), ...push?.settings };
  const servers: Server[] = [];
  while (servers.length < processes) servers.push(await bench.start(peer, settings));
  const ends = duration * endsPerSecond;
  const scenario = { firstEndMilliseconds, endsPerSecond, ends, running: callers };
  await playEnds(bench.stub, push, scenario, commonQuotas);
  const usage = watchUsage(servers);
  const seconds = firstEndMilliseconds / 1000 + duration + secondsAfterEnds;
  const { statuses, reports } = await bench
    .startLoad()
    .call(
      'followers',
      { urls: servers.map(({ url }) => url), callers, seconds },
      followersResultSchema,
    );
  const calls = (await bench.stub.calls()).DescribeExecution;
  const pushed = await push?.result();
  const responses = Object.values(statuses).reduce((sum, each) => sum + each, 0);
  return {
    seconds,
    ends,
    responses,
    errors: responses - (statuses[200] ?? 0),
    reported: reports.length,
    delays: {
      waiting: delaysAfter(
        pushed?.arrivals,
        reports.filter(({ isWaiting }) => isWaiting),
      ),
      polling: delaysAfter(
        pushed?.arrivals,
        reports.filter(({ isWaiting }) => !isWaiting),
      ),
    },
    describes: calls ?? { received: 0, throttled: 0 },
    table: perSecond(pushed?.calls ?? {}, seconds),
    usage: await usage.stop(),
  };
}

type Run = Awaited<ReturnType<typeof follow>>;
/** The calls of one process a second. */
function perSecond(calls: TableCounts, seconds: number) {
  return Object.entries(calls).map(([operation, { calls: made, keys }]) => ({
    operation,
    calls: made / seconds / processes,
    keys: keys / seconds / processes,
  }));
}

const errorsOf = ({ errors, responses }: Run) => `${count(errors)} of ${count(responses)}`;
const reportsOf = ({ reported, ends }: Run) => `${count(reported)} of ${count(ends)}`;
const usageOf = ({ usage, seconds }: Run) =>
  `${megabytes(usage.mostBytes)}, ${Math.round((usage.cpuSeconds / seconds) * 100)} % of a core`;
const describesOf = ({ describes: { received, throttled }, ends }: Run) =>
  `${(received / ends).toFixed(3)} (${count(throttled)} throttled)`;

function readsOf(reads: Run['table']): string {
  return reads
    .map(({ operation, calls, keys }) =>
      keys > 0
        ? `${calls.toFixed(1)} ${operation} of ${keys.toFixed(0)} items`
        : `${calls.toFixed(1)} ${operation}`,
    )
    .join(', ');
}
