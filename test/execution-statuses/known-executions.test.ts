import { expect, it } from 'vitest';
import { createKnownExecutions, isBehind } from '../../src/execution-statuses/known-executions.ts';
import { createVirtualClock } from './virtual-clock.ts';

const startDate = new Date(0);
const running = { executionArn: 'arn', status: 'RUNNING', startDate } as const;
const succeeded = { ...running, status: 'SUCCEEDED', output: '{}' } as const;

it('keeps an end although an earlier state is observed later', () => {
  const known = createKnownExecutions(createVirtualClock());
  known.record(succeeded, 1000, 'table', 0);

  expect(known.record(running, 2000, 'description', 0).execution).toEqual(succeeded);
  expect(known.get('arn')?.execution).toEqual(succeeded);
  expect(known.sizes()).toMatchObject({ running: 0, ended: 1 });
});

it('replaces an end by the redrive after it', () => {
  const known = createKnownExecutions(createVirtualClock());
  const redriven = { ...running, redriveCount: 1 };
  known.record({ ...succeeded, status: 'FAILED' }, 1000, 'table', 0);
  known.record(redriven, 2000, 'table', 0);

  expect(known.get('arn')?.execution).toEqual(redriven);
  expect(known.sizes()).toMatchObject({ running: 1, ended: 0 });
});

it('keeps the later of two observations of the same state', () => {
  const known = createKnownExecutions(createVirtualClock());
  known.record(running, 2000, 'start', 0);
  known.record(running, 1000, 'description', 0);

  expect(known.get('arn')).toMatchObject({ observedAt: 2000, source: 'start', knownSince: 2000 });
});

it('forgets an execution that is not found, even one that has ended', () => {
  const known = createKnownExecutions(createVirtualClock());
  known.record({ ...succeeded, status: 'FAILED' }, 1000, 'description', 0);
  known.recordNotFound('arn');

  expect(known.get('arn')).toBeUndefined();
  expect(known.isNotFound('arn')).toBe(true);
});

it('considers a state behind when the feed has reported a higher rank', () => {
  const known = createKnownExecutions(createVirtualClock());
  const state = known.record(running, 1000, 'start', 0);
  expect(isBehind(state)).toBe(false);
  state.reportedRank = 1;
  expect(isBehind(state)).toBe(true);
  expect(isBehind(known.record(running, 2000, 'table', 0))).toBe(true);
  expect(isBehind(known.record(succeeded, 1500, 'table', 0))).toBe(false);
});

it('evicts the least recently used outputs to stay below 64 MiB', () => {
  const known = createKnownExecutions(createVirtualClock());
  const output = 'x'.repeat(262_144);
  for (let index = 0; index < 300; index += 1) {
    known.record({ ...succeeded, executionArn: `arn-${index}`, output }, 0, 'table', 0);
    known.get('arn-0');
  }

  expect(known.sizes().endedBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
  expect(known.sizes().ended).toBeGreaterThan(100);
  expect(known.get('arn-0')).toBeDefined();
  expect(known.get('arn-1')).toBeUndefined();
});
