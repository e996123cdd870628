import { startAccessTokens } from '../access-tokens.ts';
import { alternate, onboardingBody, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import { microseconds } from '../units.ts';

/** The cost of authentication, rate limit, load shedding and metrics together. */
export const protection: Case = {
  name: 'protection',
  run: () =>
    withBench(async ({ start, startLoad }) => {
      const tokens = await startAccessTokens();
      try {
        const bare = await start('ours', {
          METRICS: 'off',
          MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0',
        });
        const protectedServer = await start('ours', {
          ...tokens.settings,
          METRICS: 'open',
          RATE_LIMIT_PER_MINUTE: '10000000',
        });
        const figuresOf = await alternate(
          startLoad(),
          [bare, protectedServer],
          {
            path: '/process-user-onboarding',
            method: 'POST',
            body: onboardingBody,
            connections: 32,
            requests: 6000,
            warmUp: 15_000,
          },
          () => ({ authorization: `Bearer ${tokens.token}` }),
        );
        const without = figuresOf(bare).cpuMicroseconds;
        const withAll = figuresOf(protectedServer).cpuMicroseconds;
        const more = withAll / without - 1;
        return [
          {
            measure:
              'Async start with an access token (verified once a minute), rate limit, load shedding and metrics: CPU per request',
            ours: `${microseconds(withAll)}, ${microseconds(without)} without: ${(more * 100).toFixed(0)} % more`,
            target: { text: '≤ 15 % more', isMet: more <= 0.15 },
          },
        ];
      } finally {
        await tokens.stop();
      }
    }),
};
