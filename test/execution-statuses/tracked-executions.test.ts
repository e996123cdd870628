import { expect, it } from 'vitest';
import {
  createTrackedExecutions,
  isBehind,
} from '../../src/execution-statuses/tracked-executions.ts';
import { createVirtualClock } from './virtual-clock.ts';

const startDate = new Date(0);
const running = { executionArn: 'arn', status: 'RUNNING', startDate } as const;
const succeeded = { ...running, status: 'SUCCEEDED', output: '{}' } as const;

it('keeps what is held, whether or not its state is known', () => {
  const executions = createTrackedExecutions(createVirtualClock());
  const entry = executions.create('arn');
  expect(executions.get('arn')).toBeUndefined();
  executions.hold(entry);
  expect(executions.get('arn')).toBe(entry);
  executions.unhold(entry);
  expect(executions.get('arn')).toBeUndefined();
  executions.setKnown(entry, { execution: running, observedAt: 0 });
  expect(executions.get('arn')).toBe(entry);
});

it('forgets an execution that is not found, even one that has ended', () => {
  const executions = createTrackedExecutions(createVirtualClock());
  const entry = executions.create('arn');
  executions.setKnown(entry, { execution: { ...succeeded, status: 'FAILED' }, observedAt: 1000 });
  executions.forget(entry);

  expect(executions.get('arn')).toBeUndefined();
  expect(executions.isNotFound('arn')).toBe(true);
});

it('considers an execution behind when the feed has reported a higher rank', () => {
  const executions = createTrackedExecutions(createVirtualClock());
  const entry = executions.create('arn');
  expect(isBehind(entry)).toBe(true);
  executions.setKnown(entry, { execution: running, observedAt: 1000 });
  expect(isBehind(entry)).toBe(false);
  entry.reportedRank = 1;
  expect(isBehind(entry)).toBe(true);
  executions.setKnown(entry, { execution: succeeded, observedAt: 2000 });
  expect(isBehind(entry)).toBe(false);
});

it('evicts the least recently used outputs to stay below 64 MiB', () => {
  const executions = createTrackedExecutions(createVirtualClock());
  const output = 'x'.repeat(262_144);
  for (let index = 0; index < 300; index += 1) {
    const execution = { ...succeeded, executionArn: `arn-${index}`, output };
    executions.setKnown(executions.create(`arn-${index}`), { execution, observedAt: 0 });
    executions.get('arn-0');
  }

  // 64 MiB are 128 such outputs, of two bytes per character.
  expect(executions.known).toBeLessThan(128);
  expect(executions.known).toBeGreaterThan(100);
  expect(executions.get('arn-0')).toBeDefined();
  expect(executions.get('arn-1')).toBeUndefined();
});
