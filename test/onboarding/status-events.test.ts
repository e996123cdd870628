import { expect, test } from 'vitest';
import { sendStatusEvents } from '../../src/onboarding/status-events.ts';
import type { ExecutionStepsReader } from '../../src/step-functions/execution-steps.ts';
import { createHarness, never } from '../execution-statuses/harness.ts';

test('a stream gets the end in time while the steps cannot be read', async () => {
  const { clock, aws, statuses, get } = createHarness();
  const { executionArn } = aws.start('slow-history', 10_000);
  const { execution } = await get(executionArn);
  const steps: ExecutionStepsReader = {
    get: () => new Promise(() => undefined),
    tokens: () => 0,
    close: () => undefined,
  };
  const events: [at: number, event: string, data: unknown][] = [];
  const options = {
    caller: 'caller',
    signal: never,
    withSteps: true,
    send: async ({ event, data }: { event: string; data: unknown }) => {
      events.push([clock.now(), event, data]);
    },
  };

  void sendStatusEvents({ statuses, steps }, execution, options, clock);
  await clock.advance(14_000);

  expect(events).toMatchObject([
    [expect.any(Number), 'status', { status: 'RUNNING' }],
    [expect.any(Number), 'status', { status: 'SUCCEEDED' }],
  ]);
});
