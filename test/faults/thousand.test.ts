import { expect, test, vi } from 'vitest';
import { callRoute } from '../support/call-route.ts';
import { startBehind } from '../support/start-behind.ts';
import { resetAfter, resetBefore } from '../support/step-functions-stub/faults.ts';
import type { Call } from '../support/step-functions-stub/stub.ts';
import { chance } from './chance.ts';

vi.setConfig({ testTimeout: 120_000 });

const callers = Array.from({ length: 1000 }, (_, index) => `caller-${index}`);

/** Runs the action for every caller, 100 at a time. */
async function forEachCaller<T>(action: (userId: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const next = callers.entries();
  const lane = async () => {
    for (const [index, userId] of next) results[index] = await action(userId);
  };
  await Promise.all(Array.from({ length: 100 }, lane));
  return results;
}

/** 30 % of the calls lose their connection after they are carried out, another 20 % before. */
const unreliable =
  (seed: number) =>
  ({ operation, key, attempt }: Call) => {
    if (operation !== 'StartExecution' && operation !== 'StartSyncExecution') return undefined;
    const fate = chance(seed, identity(key), attempt);
    if (fate < 0.3) return resetAfter;
    return fate < 0.5 ? resetBefore : undefined;
  };

/** A sync execution has no name, but its input contains that of its caller. */
const identity = (key: string) => key.match(/caller-\d+/)?.[0] ?? key;

test.each([
  { what: 'that keep running', executionMilliseconds: Number.POSITIVE_INFINITY, seed: 20_251_110 },
  { what: 'that end at once', executionMilliseconds: 0, seed: 20_251_111 },
])(
  '1,000 starts with keys, each retried until 202, give 1,000 executions $what (seed $seed)',
  async ({ executionMilliseconds, seed }) => {
    const { stub, url } = await startBehind(
      { executionMilliseconds, script: unreliable(seed) },
      // Each lost response of an ended execution costs a DescribeExecution.
      { DESCRIBE_RATE: '10000', DESCRIBE_BURST: '10000' },
    );
    const startUntilAccepted = async (userId: string): Promise<string> => {
      const headers = { 'idempotency-key': `"${userId}"` };
      for (;;) {
        const { status, outcome, text } = await callRoute(url, 'start', { userId, headers });
        if (status === 202) return JSON.parse(text).executionArn;
        expect(outcome).toBe('503 step-functions-unavailable');
      }
    };
    const arns = await forEachCaller(startUntilAccepted);
    expect(stub.executions.size).toBe(1000);
    const held = callers.map((_, index) => stub.executions.get(arns[index] ?? '')?.input);
    expect(held.map((input) => JSON.parse(input ?? '{}').user?.userId)).toEqual(callers);
    expect(stub.calls('StartExecution')).toBeGreaterThan(1500);
  },
);

test('1,000 sync requests are each sent to Step Functions once (seed 20251112)', async () => {
  const { stub, url } = await startBehind({ script: unreliable(20_251_112) });
  const responses = await forEachCaller(
    async (userId) => (await callRoute(url, 'sync', { userId })).outcome,
  );
  const received = stub.received('StartSyncExecution');
  expect(received.size).toBe(1000);
  expect(new Set(received.values())).toEqual(new Set([1]));
  const broken = [...received.keys()].filter((key) => chance(20_251_112, identity(key), 1) < 0.5);
  expect(responses.filter((outcome) => outcome === '502 outcome-unknown')).toHaveLength(
    broken.length,
  );
  expect(responses.filter((outcome) => outcome === '200')).toHaveLength(1000 - broken.length);
});
