import { alternate, type Figures, onboardingBody, startPeers, withBench } from '../rounds.ts';
import type { Case, Row } from '../row.ts';
import { count, microseconds, ratio } from '../units.ts';

export const asyncStart: Case = {
  name: 'async-start',
  run: () =>
    withBench(async (bench) => {
      const servers = await startPeers(bench);
      const figuresOf = await alternate(bench.startLoad(), Object.values(servers), {
        path: '/process-user-onboarding',
        method: 'POST',
        body: onboardingBody,
        connections: 32,
        // V8 has done compiling by then, and a round is long beside the collection of garbage that a
        // pause brings on.
        requests: 10_000,
        warmUp: 15_000,
      });
      return cpuRows(
        figuresOf(servers['straight port']),
        figuresOf(servers.floor),
        figuresOf(servers.ours),
      );
    }),
};

function cpuRows(straight: Figures, floor: Figures, ours: Figures): Row[] {
  const measure = 'Async start, 32 at a time';
  const timesStraight = straight.cpuMicroseconds / ours.cpuMicroseconds;
  const timesFloor = floor.cpuMicroseconds / ours.cpuMicroseconds;
  return [
    {
      measure: `${measure}: CPU per request`,
      'straight port': microseconds(straight.cpuMicroseconds),
      floor: microseconds(floor.cpuMicroseconds),
      ours: microseconds(ours.cpuMicroseconds),
    },
    {
      measure: `${measure}: requests per CPU second`,
      'straight port': count(1e6 / straight.cpuMicroseconds),
      floor: count(1e6 / floor.cpuMicroseconds),
      ours: `${count(1e6 / ours.cpuMicroseconds)}: ${ratio(timesStraight)} the straight port, ${ratio(timesFloor)} the floor`,
      target: {
        text: '≥ 1.6× the straight port, ≥ 0.5× the floor',
        isMet: timesStraight >= 1.6 && timesFloor >= 0.5,
      },
    },
    {
      measure: `${measure}: requests per second`,
      'straight port': count(straight.requestsPerSecond),
      floor: count(floor.requestsPerSecond),
      ours: count(ours.requestsPerSecond),
    },
  ];
}
