import { describe, expect, it } from 'vitest';
import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import { callerId, createHarness, never } from '../execution-statuses/harness.ts';

const hour = 3_600_000;

describe('a DescribeExecution call outside status polling', () => {
  it('takes a token of the budget, without waiting for queued status calls', async () => {
    const { clock, aws, statuses, wait, settle } = createHarness({ rate: 2, burst: 2 });
    const { executionArn } = aws.start('other', hour);
    for (let i = 0; i < 10; i += 1) {
      const waited = aws.start(`execution-${i}`, hour).executionArn;
      wait(waited, 60_000).catch(() => undefined);
    }

    await settle(statuses.withinDescribeBudget(() => aws.describe(executionArn, never), callerId));
    expect(clock.now()).toBeLessThanOrEqual(600);
    await clock.advance(10_000 - clock.now());

    expect(aws.counts.describes).toBeLessThanOrEqual(22);
  });

  it('leaves every second token to status calls, however many such calls there are', async () => {
    const { clock, aws, statuses, get } = createHarness({ rate: 2, burst: 2 });
    const other = aws.start('other', hour).executionArn;
    const { executionArn } = aws.start('ended', 1);
    const storm = () =>
      statuses
        .withinDescribeBudget(() => aws.describe(other, never), callerId)
        .catch(() => undefined);
    for (let i = 0; i < 300; i += 1) void storm();
    await clock.advance(2000);

    expect((await get(executionArn)).execution.status).toBe('SUCCEEDED');
    expect(clock.now()).toBeLessThan(4000);
  });

  it('is refused when there is no token in time, or too many wait for one', async () => {
    const { clock, aws, statuses } = createHarness({ rate: 1, burst: 1 });
    const { executionArn } = aws.start('other', hour);
    let succeeded = 0;
    let refused = 0;
    for (let i = 0; i < 1000; i += 1) {
      statuses
        .withinDescribeBudget(() => aws.describe(executionArn, never), callerId)
        .then(
          () => {
            succeeded += 1;
          },
          (error) => {
            if (error instanceof BudgetExhausted) refused += 1;
          },
        );
    }

    await clock.advance(0);
    expect(refused).toBeGreaterThan(500);
    await clock.advance(15_000);

    expect(succeeded).toBeGreaterThanOrEqual(9);
    expect(succeeded + refused).toBe(1000);
    expect(clock.pending()).toBe(0);
  });

  it('rejects with its own error, and the next one proceeds', async () => {
    const { statuses, settle } = createHarness({ rate: 1, burst: 1 });
    const failure = new Error('unreachable');

    await expect(
      settle(statuses.withinDescribeBudget(() => Promise.reject(failure), callerId)),
    ).rejects.toBe(failure);
    expect(await settle(statuses.withinDescribeBudget(async () => 'response', callerId))).toBe(
      'response',
    );
  });
});
