import { openSlowConnections } from '../../support/slow-connections.ts';
import { pacedResultSchema } from '../load/paced.ts';
import { rounds, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import { median } from '../statistics.ts';
import { milliseconds, ratio } from '../units.ts';

const count = 500;
const requests = 200;

/** The latency of callers beside others that send their requests slowly and never finish. */
export const slowConnections: Case = {
  name: 'slow-connections',
  run: () =>
    withBench(async ({ start, startLoad }) => {
      const { url } = await start('ours', { REQUEST_TIMEOUT_SECONDS: '3' });
      const load = startLoad();
      const latency = async () => {
        const result = await load.call(
          'paced',
          {
            url: `${url}/onboarding-status/not-an-arn`,
            method: 'GET',
            requests,
            everyMilliseconds: 5,
            timeoutMilliseconds: 5000,
          },
          pacedResultSchema,
        );
        const { medianMilliseconds, statuses } = result;
        if (statuses[400] !== requests) throw new Error(`responses: ${JSON.stringify(statuses)}`);
        return medianMilliseconds;
      };
      await latency();
      const without: number[] = [];
      const among: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        without.push(await latency());
        const slow = await openSlowConnections(url, count);
        among.push(await latency());
        slow.stop();
      }
      const times = median(among) / median(without);
      return [
        {
          measure: `Median latency of others among ${count} slow connections`,
          ours: `${milliseconds(median(among))}, ${ratio(times)} the ${milliseconds(median(without))} without`,
          target: { text: '≤ 2×', isMet: times <= 2 },
        },
      ];
    }),
};
