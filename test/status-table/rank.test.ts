import { expect, test } from 'vitest';
import { rankOf } from '../../src/status-table/rank.ts';

test('the ranks of successive states of an execution increase', () => {
  const ranks = [
    rankOf({ status: 'RUNNING' }),
    rankOf({ status: 'FAILED' }),
    rankOf({ status: 'PENDING_REDRIVE' }),
    rankOf({ status: 'RUNNING', redriveCount: 1 }),
    rankOf({ status: 'TIMED_OUT', redriveCount: 1 }),
    rankOf({ status: 'RUNNING', redriveCount: 2 }),
    rankOf({ status: 'SUCCEEDED', redriveCount: 2 }),
  ];
  expect(ranks).toEqual([0, 1, 1.5, 2, 3, 4, 5]);
});

test.each(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
  '%s has the rank of an end',
  (status) => {
    expect(rankOf({ status })).toBe(1);
  },
);
