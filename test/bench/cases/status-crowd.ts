import { quotaSettings, quotas } from '../aws-quotas.ts';
import { crowdResultSchema } from '../load/crowd.ts';
import { type Bench, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import type { Peer } from '../servers/server.ts';
import { percentile } from '../statistics.ts';
import { callsText, count, seconds } from '../units.ts';

const callers = 1000;
const endsPerSecond = 20;
const firstEndSeconds = 5;
const endsLastSeconds = callers / endsPerSecond;
const secondsAfterEnds = 5;

/** 1,000 callers, each of whom asks once a second until an execution of its own has ended. */
export const statusCrowd: Case = {
  name: 'status-crowd',
  run: () =>
    withBench(async (bench) => {
      // It has shown what it does long before the last execution ends.
      const straight = await poll(bench, 'straight port', 12);
      const ours = await poll(bench, 'ours', firstEndSeconds + endsLastSeconds + secondsAfterEnds);
      return [
        {
          measure: 'Status, 1,000 callers, each once a second until the end: errors seen',
          'straight port': `${count(straight.errors)} of ${count(straight.answers)} in 12 s`,
          ours: `${count(ours.errors)} of ${count(ours.answers)}`,
          target: { text: 'none', isMet: ours.errors === 0 },
        },
        {
          measure: 'Status, 1,000 callers: calls, throttled',
          'straight port': callsText(straight.calls),
          ours: callsText(ours.calls),
          target: {
            text: 'no DescribeExecution throttled',
            isMet: (ours.calls.DescribeExecution?.throttled ?? 0) === 0,
          },
        },
        {
          measure: 'Status, 1,000 callers: end reported after (median, 99 %)',
          'straight port': delaysOf(straight.delays),
          ours: `${delaysOf(ours.delays)}; ${count(ours.delays.length)} of ${count(callers)} reported`,
          target: {
            text: 'all, 99 % within 5 s',
            isMet: ours.delays.length === callers && percentile(ours.delays, 0.99) <= 5000,
          },
        },
      ];
    }),
};

async function poll(bench: Bench, peer: Peer, duration: number) {
  const server = await bench.start(peer, quotaSettings);
  const load = bench.startLoad();
  await bench.stub.play({
    executions: callers,
    ends: callers,
    endsPerSecond,
    firstEndMilliseconds: firstEndSeconds * 1000,
    quotas,
  });
  const { statuses, delaysMilliseconds } = await load.ask(
    'crowd',
    { url: server.url, callers, seconds: duration },
    crowdResultSchema,
  );
  const calls = await bench.stub.calls();
  await Promise.all([server.stop(), load.stop()]);
  const answers = Object.values(statuses).reduce((sum, each) => sum + each, 0);
  return { answers, errors: answers - (statuses[200] ?? 0), delays: delaysMilliseconds, calls };
}

function delaysOf(delays: readonly number[]): string {
  return [0.5, 0.99].map((share) => seconds(percentile(delays, share) / 1000)).join(', ');
}
