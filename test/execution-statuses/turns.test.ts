import { describe, expect, it } from 'vitest';
import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import { createHarness } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';
import { createTableHarness } from './table-harness.ts';

const hour = 3_600_000;

describe('beyond the budget', () => {
  /** Twenty known executions, already polled once, with a budget of one DescribeExecution a second. */
  async function overload() {
    const harness = createHarness({ rate: 1, burst: 2 });
    const { aws, statuses, clock, poll } = harness;
    const started = Array.from({ length: 20 }, (_, i) => aws.start(`execution-${i}`, hour));
    for (const execution of started) statuses.noteStart()(execution);
    await clock.advance(5000);
    async function pollAfter(executionArn: string, seconds: number) {
      await clock.sleep(1000 * seconds);
      const sentAt = clock.now();
      const status = await poll(executionArn);
      return { ...status, executionArn, heldFor: clock.now() - sentAt };
    }
    const statusesOf = (polls: { executionArn: string; retryAfterSeconds?: number }[]) =>
      harness.settle(
        Promise.all(
          polls.map(({ executionArn, retryAfterSeconds = 0 }) =>
            pollAfter(executionArn, retryAfterSeconds),
          ),
        ),
      );
    return { ...harness, statusesOf, first: await statusesOf(started) };
  }

  it('callers get the last known status at once, with its age', async () => {
    const { first, aws } = await overload();

    const older = first.filter(({ ageSeconds }) => ageSeconds >= 5);
    expect(older.length).toBeGreaterThanOrEqual(15);
    // One or two wait, as their turn is near.
    expect(older.filter(({ heldFor }) => heldFor === 0).length).toBeGreaterThanOrEqual(15);
    expect(aws.counts.describes).toBeLessThanOrEqual(4);
  });

  it('callers do not return all at once, and get a newer status when they return', async () => {
    const { first, statusesOf, aws, clock } = await overload();
    const begin = clock.now();

    const second = await statusesOf(first);

    const seconds = new Set(first.map(({ retryAfterSeconds }) => retryAfterSeconds));
    expect(seconds.size).toBeGreaterThanOrEqual(18);
    expect(Math.max(...second.map(({ ageSeconds }) => ageSeconds))).toBeLessThanOrEqual(2);
    expect(Math.max(...second.map(({ heldFor }) => heldFor))).toBeLessThanOrEqual(2000);
    // Once each, at one a second.
    expect(aws.counts.describes).toBeLessThanOrEqual(24);
    expect(clock.now() - begin).toBeLessThan(23_000);
  });

  it('an unknown execution does not wait for all the known ones', async () => {
    const { clock, aws, statuses, poll, wait, settle } = createHarness({ rate: 1, burst: 1 });
    for (let i = 0; i < 20; i += 1) statuses.noteStart()(aws.start(`known-${i}`, hour));
    await clock.advance(5000);
    for (let i = 0; i < 20; i += 1) void wait(arnOf(`known-${i}`), 60_000);
    await clock.advance(5000);
    const sentAt = clock.now();

    await settle(poll(aws.start('new', hour).executionArn));

    expect(clock.now() - sentAt).toBeLessThan(2500);
  });

  it('a caller of an unknown execution gets BudgetExhausted when the wait would be too long, and a status after Retry-After', async () => {
    const { clock, aws, poll } = createHarness({ rate: 1, burst: 1 });
    const statuses: string[] = [];
    const refusals: number[] = [];
    async function follow(executionArn: string): Promise<void> {
      try {
        const { execution } = await poll(executionArn);
        statuses.push(execution.status);
      } catch (error) {
        if (!(error instanceof BudgetExhausted)) throw error;
        refusals.push(error.retryAfterSeconds);
        await clock.sleep(1000 * error.retryAfterSeconds);
        return follow(executionArn);
      }
    }
    for (let i = 0; i < 100; i += 1) void follow(aws.start(`execution-${i}`, hour).executionArn);
    await clock.advance(20_000);

    expect(statuses.length + refusals.length).toBe(100);
    expect(statuses.length).toBeGreaterThan(15);
    await clock.advance(90_000);
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 'RUNNING'));
    expect(refusals.length).toBeLessThan(90);
    expect(clock.pending()).toBe(0);
  });

  it('no more than 10,000 unknown executions are held, with a table too', async () => {
    const silent = () => new Promise<never>(() => undefined);
    const { poll, statuses } = createHarness({
      table: () => ({ read: silent, changesSince: silent }),
    });
    const refusals: unknown[] = [];
    for (let i = 0; i < 10_100; i += 1) {
      poll(arnOf(`nowhere-${i}`)).catch((error: unknown) => refusals.push(error));
    }
    await Promise.resolve();

    expect(statuses.statistics().held).toBe(10_000);
    expect(refusals).toHaveLength(100);
    expect(refusals[0]).toBeInstanceOf(BudgetExhausted);
  });

  it('12,000 polls of executions that do not exist neither fill the memory nor delay an end', async () => {
    const { clock, aws, statuses, poll, wait, settle } = createHarness({ rate: 10, burst: 10 });
    const { executionArn } = aws.start('ours', 12_000);
    await settle(poll(executionArn));
    const ending = wait(executionArn, 60_000);
    let refused = 0;
    for (let i = 0; i < 12_000; i += 1) {
      poll(arnOf(`nowhere-${i}`)).catch((error) => {
        if (error instanceof BudgetExhausted) refused += 1;
      });
    }
    await clock.advance(0);
    expect(refused).toBeGreaterThan(1900);
    expect(statuses.statistics().held).toBeLessThan(10_100);

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(16_000);
  });

  it('a caller that invents 90 ARNs a second gets only the tokens that others leave', async () => {
    const { clock, aws, statuses, poll } = createHarness({ rate: 10, burst: 50 });
    for (let i = 0; i < 90 * 60; i += 1) {
      clock.schedule((i * 1000) / 90, () => {
        poll(arnOf(`nowhere-${i}`), 'stranger').catch(() => undefined);
      });
    }
    await clock.advance(10_000);
    const describesBefore = aws.counts.describes;
    // Four unknown executions a second, each polled twice: eight calls a second.
    let errors = 0;
    const delays: number[] = [];
    async function follow(index: number): Promise<void> {
      const { executionArn } = aws.start(`execution-${index}`, 1000);
      try {
        for (;;) {
          const sentAt = clock.now();
          const { execution } = await poll(executionArn, 'backend');
          delays.push(clock.now() - sentAt);
          if (execution.status === 'SUCCEEDED') return;
          await clock.sleep(1000);
        }
      } catch {
        errors += 1;
      }
    }
    for (let i = 0; i < 4 * 40; i += 1) clock.schedule(i * 250, () => void follow(i));
    await clock.advance(40_000);

    expect(errors).toBe(0);
    expect(delays.length).toBeGreaterThan(300);
    expect(Math.max(...delays)).toBeLessThan(2000);
    // The other caller got the rest of the tokens: none are held back.
    expect(aws.counts.describes - describesBefore).toBeGreaterThan(390);
    expect(statuses.statistics().held).toBeLessThan(2000);
  });

  it('does not delay others who ask for the same execution', async () => {
    const { clock, aws, poll, settle } = createHarness({ rate: 10, burst: 50 });
    for (let i = 0; i < 90 * 15; i += 1) {
      clock.schedule((i * 1000) / 90, () => {
        poll(arnOf(`nowhere-${i}`), 'stranger').catch(() => undefined);
      });
    }
    await clock.advance(10_000);
    const { executionArn } = aws.start('shared', hour);
    void poll(executionArn, 'stranger');
    const sentAt = clock.now();

    await settle(poll(executionArn, 'backend'));

    expect(clock.now() - sentAt).toBeLessThan(1000);
  });
});

describe('Retry-After, after many polls by callers who do not return,', () => {
  it('is short again without a status table, as their turns leave tokens', async () => {
    const { aws, statuses, clock, poll, get } = createHarness();
    for (let i = 0; i < 10_000; i += 1) {
      const started = aws.start(`left-${i}`, hour);
      statuses.noteStart()(started);
      await poll(started.executionArn);
    }
    await clock.advance(10_000);

    const { executionArn } = aws.start('new', hour);

    expect((await get(executionArn)).retryAfterSeconds).toBeLessThan(3);
  });

  it('is short again after two minutes with a status table', async () => {
    const { run, clock, poll, get } = createTableHarness();
    const executionArn = run('ours', hour);
    await clock.advance(1000);
    await get(executionArn);
    for (let i = 0; i < 200_000; i += 1) await poll(executionArn);
    expect((await get(executionArn)).retryAfterSeconds).toBe(120);

    await clock.advance(120_000);

    expect((await get(executionArn)).retryAfterSeconds).toBe(1);
  });
});
