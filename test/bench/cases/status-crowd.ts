import { quotaSettings, quotas } from '../aws-quotas.ts';
import { crowdResultSchema } from '../load/crowd.ts';
import { withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import type { Peer } from '../servers/server.ts';
import { percentile } from '../statistics.ts';
import { playEnds } from '../status-push.ts';
import { callsText, count, delaysText } from '../units.ts';

const callers = 1000;
const endsPerSecond = 20;
const firstEndSeconds = 5;
const endsLastSeconds = callers / endsPerSecond;
const secondsAfterEnds = 5;

const allSeconds = firstEndSeconds + endsLastSeconds + secondsAfterEnds;
/** Shorter, which is enough to show its errors. */
const straightSeconds = 12;

/** 1,000 callers that each poll their own execution once a second until it has ended. */
export const statusCrowd: Case = {
  name: 'status-crowd',
  async run() {
    const straight = await poll('straight port', straightSeconds, false);
    const without = await poll('ours', allSeconds, false);
    const ours = await poll('ours', allSeconds, true);
    return [
      {
        measure: 'Status, 1,000 callers, each once a second until the end: errors seen',
        'straight port': `${errorsOf(straight)} in ${straightSeconds} s`,
        ours: `${errorsOf(ours)}; without a table ${errorsOf(without)}`,
        target: { text: 'none', isMet: ours.errors === 0 },
      },
      {
        measure: 'Status, 1,000 callers: calls, throttled',
        'straight port': callsText(straight.calls),
        ours: `${callsText(ours.calls) || 'none'}; without a table ${callsText(without.calls)}`,
        target: {
          text: 'no DescribeExecution throttled',
          isMet: [ours, without].every(({ calls }) => !calls.DescribeExecution?.throttled),
        },
      },
      {
        measure:
          "Status, 1,000 callers: end reported after its event's arrival, or without a table after the end (median, 99 %)",
        'straight port': delaysText(straight.delays),
        ours: `${reportsOf(ours)}; without a table ${reportsOf(without)}`,
        target: {
          text: 'all, 99 % within 5 s',
          isMet: ours.delays.length === callers && percentile(ours.delays, 0.99) <= 5000,
        },
      },
    ];
  },
};

function poll(peer: Peer, duration: number, hasTable: boolean) {
  return withBench(async (bench) => {
    const push = hasTable ? await bench.startPush() : undefined;
    const server = await bench.start(peer, { ...quotaSettings, ...push?.settings });
    const ends = {
      running: callers,
      ends: callers,
      endsPerSecond,
      firstEndMilliseconds: firstEndSeconds * 1000,
    };
    const load = bench.startLoad();
    await playEnds(bench.stub, push, ends, quotas);
    const { statuses, delaysMilliseconds } = await load.call(
      'crowd',
      { url: server.url, callers, seconds: duration },
      crowdResultSchema,
    );
    const responses = Object.values(statuses).reduce((sum, each) => sum + each, 0);
    return {
      responses,
      errors: responses - (statuses[200] ?? 0),
      delays: delaysMilliseconds,
      calls: await bench.stub.calls(),
    };
  });
}

type Run = Awaited<ReturnType<typeof poll>>;

const errorsOf = ({ errors, responses }: Run) => `${count(errors)} of ${count(responses)}`;
const reportsOf = ({ delays }: Run) =>
  `${delaysText(delays)}, ${count(delays.length)} of ${count(callers)} reported`;
