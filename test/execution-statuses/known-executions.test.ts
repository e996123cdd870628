import { expect, it } from 'vitest';
import { createKnownExecutions } from '../../src/execution-statuses/known-executions.ts';
import { createVirtualClock } from './virtual-clock.ts';

const startDate = new Date(0);
const running = { executionArn: 'arn', status: 'RUNNING', startDate } as const;
const succeeded = { ...running, status: 'SUCCEEDED', output: '{}' } as const;

it('does not take back an end because a list, eventually consistent, still shows it to run', () => {
  const known = createKnownExecutions(createVirtualClock());
  known.record(succeeded, 1000);

  expect(known.record(running, 2000).execution).toEqual(succeeded);
  expect(known.get('arn')?.execution).toEqual(succeeded);
  expect(known.sizes()).toMatchObject({ running: 0, ended: 1 });
});

it('keeps the newer of two answers, whichever comes first', () => {
  const known = createKnownExecutions(createVirtualClock());
  known.record(running, 2000);
  known.record(running, 1000);

  expect(known.get('arn')).toMatchObject({ observedAt: 2000, knownSince: 2000 });
});

it('lets go of the outputs that were not asked for the longest, to stay below 64 MiB', () => {
  const known = createKnownExecutions(createVirtualClock());
  const output = 'x'.repeat(262_144);
  for (let index = 0; index < 300; index += 1) {
    known.record({ ...succeeded, executionArn: `arn-${index}`, output }, 0);
    known.get('arn-0');
  }

  expect(known.sizes().endedBytes).toBeLessThanOrEqual(64 * 1024 * 1024);
  expect(known.sizes().ended).toBeGreaterThan(100);
  expect(known.get('arn-0')).toBeDefined();
  expect(known.get('arn-1')).toBeUndefined();
});
