import { setTimeout } from 'node:timers/promises';
import type { z } from 'zod';
import { commonQuotas, sharedQuotaSettings } from '../aws-quotas.ts';
import { startChild } from '../child.ts';
import { eventsResultSchema } from '../event-plan.ts';
import { followersResultSchema } from '../load/followers.ts';
import { type Bench, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import type { Peer, Server } from '../servers/server.ts';
import { percentile } from '../statistics.ts';
import { startStatusTable, statusTableName, type TableCounts } from '../status-table.ts';
import { count, megabytes, seconds } from '../units.ts';

const processes = 3;
const callers = 3000;
const endsPerSecond = 100;
const firstEndMilliseconds = 5000;
const measuredSeconds = 60;
/** That long shows what becomes of it without a table, and without us. */
const withoutTableSeconds = 20;
const straightSeconds = 10;
/** For the events of the last ends, and callers who come back then. */
const secondsAfterEnds = 8;

const about = `${count(endsPerSecond)} ends a second, ${count(callers)} callers, ${processes} processes`;

/** Ten times the ends that DescribeExecution could report, pushed. */
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
        measure: `Push, ${about}: errors seen`,
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
        ours: `who waits ${quantiles(waiting)}; who polls ${quantiles(polling)}`,
        target: {
          text: 'who waits: 99 % within 2 s',
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
  const table = hasTable ? await startStatusTable() : undefined;
  const events = startChild('./servers/events.ts');
  try {
    const settings = {
      ...sharedQuotaSettings(processes),
      ...(table
        ? { STATUS_TABLE: statusTableName, AWS_ENDPOINT_URL_DYNAMODB: table.urls.service }
        : {}),
    };
    const servers: Server[] = [];
    while (servers.length < processes) servers.push(await bench.start(peer, settings));
    const ends = duration * endsPerSecond;
    const scenario = { firstEndMilliseconds, endsPerSecond, ends };
    const plan = {
      ...scenario,
      running: callers,
      stepFunctionsUrl: bench.stub.url,
      dynamoDbUrl: table?.urls.functions ?? '',
    };
    const nothing = eventsResultSchema.optional();
    if (table) await events.ask('preload', { ...plan, beginsAt: Date.now() }, nothing);
    const beginsAt = Date.now();
    await bench.stub.play({
      ...scenario,
      beginsAt,
      executions: ends + callers,
      quotas: commonQuotas,
    });
    if (table) {
      await table.calls();
      await events.ask('begin', { ...plan, beginsAt }, nothing);
    }
    const usage = watchUsage(servers);
    const lasts = firstEndMilliseconds / 1000 + duration + secondsAfterEnds;
    const { statuses, reports } = await bench
      .startLoad()
      .ask(
        'followers',
        { urls: servers.map(({ url }) => url), callers, seconds: lasts },
        followersResultSchema,
      );
    const calls = (await bench.stub.calls()).DescribeExecution;
    const result = table ? await events.ask('result', null, eventsResultSchema) : undefined;
    if (result && result.failed > 0) {
      throw new Error(`record-status failed ${result.failed} of ${result.events} times.`);
    }
    const answers = Object.values(statuses).reduce((sum, each) => sum + each, 0);
    return {
      seconds: lasts,
      ends,
      answers,
      errors: answers - (statuses[200] ?? 0),
      reported: reports.length,
      delays: delaysOf(reports, new Map(result?.arrivals)),
      describes: calls ?? { received: 0, throttled: 0 },
      table: perSecond((await table?.calls()) ?? {}, lasts),
      usage: await usage.stop(),
    };
  } finally {
    await Promise.all([table?.stop(), events.stop()]);
  }
}

type Run = Awaited<ReturnType<typeof follow>>;
type Reports = z.infer<typeof followersResultSchema>['reports'];

function delaysOf(reports: Reports, arrivals: ReadonlyMap<number, number>) {
  const delays = (isWaiting: boolean) =>
    reports.flatMap((report) => {
      const arrivedAt = arrivals.get(report.index);
      return report.isWaiting === isWaiting && arrivedAt !== undefined
        ? [report.at - arrivedAt]
        : [];
    });
  return { waiting: delays(true), polling: delays(false) };
}

function watchUsage(servers: readonly Server[]) {
  let mostBytes = 0;
  const stopping = new AbortController();
  const began = Promise.all(servers.map((server) => server.usage()));
  const sampling = (async () => {
    while (!stopping.signal.aborted) {
      for (const server of servers) {
        mostBytes = Math.max(mostBytes, (await server.usage()).residentBytes);
      }
      await setTimeout(1000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await sampling;
      const before = await began;
      const after = await Promise.all(servers.map((server) => server.usage()));
      const used = after.map(
        ({ cpuMicroseconds }, index) => cpuMicroseconds - (before[index]?.cpuMicroseconds ?? 0),
      );
      return { mostBytes, cpuSeconds: Math.max(...used) / 1e6 };
    },
  };
}

/** Of one process. */
function perSecond(calls: TableCounts, lasts: number) {
  return Object.entries(calls).map(([operation, { calls: made, keys }]) => ({
    operation,
    calls: made / lasts / processes,
    keys: keys / lasts / processes,
  }));
}

const errorsOf = ({ errors, answers }: Run) => `${count(errors)} of ${count(answers)}`;
const reportsOf = ({ reported, ends }: Run) => `${count(reported)} of ${count(ends)}`;
const usageOf = ({ usage, seconds: lasts }: Run) =>
  `${megabytes(usage.mostBytes)}, ${Math.round((usage.cpuSeconds / lasts) * 100)} % of a core`;
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

function quantiles(delays: readonly number[]): string {
  return [0.5, 0.99].map((share) => seconds(percentile(delays, share) / 1000)).join(', ');
}
