import { alternate, onboardingBody, startPeers, withBench } from '../rounds.ts';
import type { Case, Row } from '../row.ts';
import { count, microseconds } from '../units.ts';

/** Sync executions that end at once: the cost of request and response. */
export const sync: Case = {
  name: 'sync',
  run: () =>
    withBench(async (bench) => {
      const servers = await startPeers(bench);
      const load = bench.startLoad();
      const rows: Row[] = [];
      for (const { connections, requests, warmUp } of [
        { connections: 64, requests: 6000, warmUp: 15_000 },
        { connections: 1, requests: 1000, warmUp: 1000 },
      ]) {
        const figuresOf = await alternate(load, Object.values(servers), {
          path: '/process-user-onboarding-sync',
          method: 'POST',
          body: onboardingBody,
          connections,
          requests,
          warmUp,
        });
        const straight = figuresOf(servers['straight port']);
        const floor = figuresOf(servers.floor);
        const plain = figuresOf(servers['plain client']);
        const ours = figuresOf(servers.ours);
        rows.push(
          {
            measure: `Sync, ${connections} in flight: CPU per request`,
            'straight port': microseconds(straight.cpuMicroseconds),
            floor: microseconds(floor.cpuMicroseconds),
            'plain client': microseconds(plain.cpuMicroseconds),
            ours: microseconds(ours.cpuMicroseconds),
          },
          {
            measure: `Sync, ${connections} in flight: requests per second`,
            'straight port': count(straight.requestsPerSecond),
            floor: count(floor.requestsPerSecond),
            'plain client': count(plain.requestsPerSecond),
            ours: count(ours.requestsPerSecond),
          },
        );
      }
      return rows;
    }),
};
