import { alternate, type Figures, onboardingBody, startPeers, withBench } from '../rounds.ts';
import type { Case, Row } from '../row.ts';
import type { Peer } from '../servers/server.ts';
import { count, microseconds, ratio } from '../units.ts';

/** After this many requests, V8 has optimised the code of every server. */
const warmUp = 20_000;
const atLeast = { straight: 1.6, floor: 0.55 };

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
        // Long enough that the garbage collection after a pause hardly matters.
        requests: 10_000,
        warmUp,
      });
      return rows({
        'straight port': figuresOf(servers['straight port']),
        floor: figuresOf(servers.floor),
        'plain client': figuresOf(servers['plain client']),
        ours: figuresOf(servers.ours),
      });
    }),
};

function rows(figures: Readonly<Record<Peer, Figures>>): Row[] {
  const measure = 'Async start, 32 at a time';
  const each = (write: (figures: Figures) => string) => ({
    'straight port': write(figures['straight port']),
    floor: write(figures.floor),
    'plain client': write(figures['plain client']),
    ours: write(figures.ours),
  });
  const { straight, floor } = timesOthers(figures.ours);

  /** How many requests it handles in the CPU time in which each other server handles one. */
  function timesOthers({ cpuMicroseconds }: Figures) {
    return {
      straight: figures['straight port'].cpuMicroseconds / cpuMicroseconds,
      floor: figures.floor.cpuMicroseconds / cpuMicroseconds,
    };
  }

  function withRatios(service: Figures): string {
    const times = timesOthers(service);
    return `${count(1e6 / service.cpuMicroseconds)}: ${ratio(times.straight)} the straight port, ${ratio(times.floor)} the floor`;
  }

  return [
    {
      measure: `${measure}: CPU per request`,
      ...each(({ cpuMicroseconds }) => microseconds(cpuMicroseconds)),
    },
    {
      measure: `${measure}: requests per CPU second`,
      ...each(({ cpuMicroseconds }) => count(1e6 / cpuMicroseconds)),
      'plain client': withRatios(figures['plain client']),
      ours: withRatios(figures.ours),
      target: {
        text: `≥ ${atLeast.straight}× the straight port, ≥ ${atLeast.floor}× the floor`,
        isMet: straight >= atLeast.straight && floor >= atLeast.floor,
      },
    },
    {
      measure: `${measure}: CPU per request, of the first ${count(warmUp)} after the start`,
      ...each(
        ({ coldCpuMicroseconds, cpuMicroseconds }) =>
          `${microseconds(coldCpuMicroseconds)}: ${ratio(coldCpuMicroseconds / cpuMicroseconds)} as later`,
      ),
    },
    {
      measure: `${measure}: requests per second`,
      ...each(({ requestsPerSecond }) => count(requestsPerSecond)),
    },
  ];
}
