import { describe, expect, it } from 'vitest';
import type { StatusAnswer } from '../../src/execution-statuses/execution-statuses.ts';
import { createHarness, createRandom, fullQuotas, type Harness, never } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';

/** How the crowd's executions were reported as ended. */
interface Reports {
  /** Milliseconds after the end, in the order of the reports. */
  readonly delays: number[];
  /** Which execution, counted from 0 in the order in which they ended, in the order of the reports. */
  readonly order: number[];
  readonly errors: unknown[];
}

/**
 * Callers who each poll an execution of their own once a second until they see its end. The first
 * poll comes so long after the execution's start, or after the beginning of time.
 */
function gather(
  harness: Harness,
  options: { size: number; endsPerSecond: number; lasts?: number; firstPollAt(): number },
): Reports {
  const { lasts = 600_000 } = options;
  const { clock, statuses, aws } = harness;
  const reports: Reports = { delays: [], order: [], errors: [] };

  async function poll(index: number, endsAt: number): Promise<void> {
    await clock.sleep(Math.max(0, endsAt - lasts) + options.firstPollAt());
    for (let nextAt = clock.now() + 1000; ; nextAt += 1000) {
      try {
        const { execution } = await statuses.get(arnOf(`execution-${index}`), never);
        if (execution.status === 'SUCCEEDED') {
          reports.delays.push(clock.now() - endsAt);
          reports.order.push(index);
          return;
        }
      } catch (error) {
        reports.errors.push(error);
      }
      await clock.sleep(nextAt - clock.now());
    }
  }

  for (let index = 0; index < options.size; index += 1) {
    const endsAt = ((index + 1) * 1000) / options.endsPerSecond;
    aws.start(`execution-${index}`, lasts, { startsAt: endsAt - lasts });
    void poll(index, endsAt);
  }
  return reports;
}

function percentile(delays: readonly number[], share: number): number | undefined {
  return delays.toSorted((a, b) => a - b)[Math.ceil(delays.length * share) - 1];
}

const random = createRandom(1);
const awsAsItIs = { latency: () => 5 + 40 * random(), listingLag: 300 };
const withinTheSecond = () => 1000 * random();

describe('callers who each poll an execution of their own once a second', () => {
  it.each([
    ['spread over the second', withinTheSecond],
    ['all at the same moment', () => 0],
  ])('see every end within seconds, and AWS never throttles: 1,000, %s', async (_, firstPollAt) => {
    const harness = createHarness({ ...awsAsItIs, budgets: fullQuotas });
    const reports = gather(harness, { size: 1000, endsPerSecond: 20, firstPollAt });

    await harness.clock.advance(60_000);

    expect(reports.errors).toEqual([]);
    expect(reports.delays).toHaveLength(1000);
    expect(percentile(reports.delays, 0.5)).toBeLessThan(2000);
    expect(percentile(reports.delays, 0.99)).toBeLessThan(4000);
    // The quotas: 300 and 15 a second, for 1,000 ends in 50 s. Next to nothing may be wasted.
    expect(harness.aws.counts.describes).toBeLessThan(1020);
    expect(harness.aws.counts.throttled).toBe(0);
  });

  it('cost one describe for each end, though ever new executions come from elsewhere', async () => {
    const harness = createHarness({ ...awsAsItIs, budgets: fullQuotas });
    const reports = gather(harness, {
      size: 700,
      endsPerSecond: 20,
      lasts: 10_000,
      firstPollAt: withinTheSecond,
    });

    await harness.clock.advance(50_000);

    expect(reports.errors).toEqual([]);
    expect(reports.delays).toHaveLength(700);
    expect(percentile(reports.delays, 0.99)).toBeLessThan(5000);
    expect(harness.aws.counts.describes).toBeLessThan(780);
  });

  it('are served oldest first, without an error, when more end than AWS lets describe', async () => {
    const harness = createHarness({ ...awsAsItIs, budgets: fullQuotas });
    const reports = gather(harness, {
      size: 900,
      endsPerSecond: 40,
      firstPollAt: withinTheSecond,
    });

    await harness.clock.advance(50_000);

    expect(reports.errors).toEqual([]);
    expect(reports.delays).toHaveLength(900);
    expect(harness.aws.counts.throttled).toBe(0);
    // 900 describes take 40 s at 300 and 15 a second, and the last execution ends after 22.5 s.
    expect(percentile(reports.delays, 1)).toBeLessThan(22_000);
    const overtaken = reports.order.map((index, place) => place - index);
    expect(Math.max(...overtaken)).toBeLessThan(150);
  });

  it('get no error when another process uses up most of the quota', async () => {
    const harness = createHarness({ ...awsAsItIs, budgets: fullQuotas });
    const { clock, aws } = harness;
    const reports = gather(harness, {
      size: 500,
      endsPerSecond: 6,
      firstPollAt: withinTheSecond,
    });
    let throttledThere = 0;
    for (let second = 0; second < 100; second += 10) {
      const calls = second === 0 ? 300 : 120;
      clock.schedule(second * 1000, () => {
        for (let i = 0; i < calls; i += 1) {
          aws.describe(arnOf('execution-0'), never).catch(() => {
            throttledThere += 1;
          });
        }
      });
    }

    await clock.advance(130_000);

    expect(reports.errors).toEqual([]);
    expect(reports.delays).toHaveLength(500);
    expect(percentile(reports.delays, 0.99)).toBeLessThan(40_000);
    expect(harness.statuses.statistics().describesThrottled).toBeGreaterThan(0);
    expect(aws.counts.throttled - throttledThere).toBeLessThan(60);
  });
});

describe('callers who wait for 30 s', () => {
  it('10,000 for as many executions: a sweep every ten seconds and a describe for each end', async () => {
    const { aws, statuses, clock } = createHarness(awsAsItIs);
    const answers: StatusAnswer[] = [];
    for (let index = 0; index < 10_000; index += 1) {
      const lasts = index % 100 === 0 ? 28_000 + index : 900_000;
      const { executionArn } = aws.start(`execution-${index}`, lasts, { startsAt: -20_000 });
      const { signal } = new AbortController();
      void statuses.wait(executionArn, 30_000, signal).then((answer) => answers.push(answer));
    }

    await clock.advance(31_000);

    expect(answers).toHaveLength(10_000);
    expect(answers.filter(({ execution }) => execution.status === 'SUCCEEDED')).toHaveLength(100);
    expect(Math.max(...answers.map(({ ageSeconds }) => ageSeconds))).toBeLessThanOrEqual(12);
    // Ten pages a sweep, at a list budget of 20 and 1 a second.
    expect(aws.counts.lists).toBeLessThanOrEqual(40);
    expect(aws.counts.describes).toBeLessThan(115);
    expect(aws.counts.throttled).toBe(0);
  });

  it('1,000 for one execution: no more calls than for one caller', async () => {
    const { aws, statuses, clock } = createHarness();
    const { executionArn } = aws.start('shared', 10_500);
    const waits = Array.from({ length: 1000 }, () => statuses.wait(executionArn, 30_000, never));

    await clock.advance(12_000);

    const answers = await Promise.all(waits);
    expect(new Set(answers.map(({ execution }) => execution.status))).toEqual(
      new Set(['SUCCEEDED']),
    );
    expect(aws.counts).toEqual({ describes: 12, lists: 0, throttled: 0 });
  });
});

it('holds a bounded number of executions, however many are asked for', async () => {
  const { statuses, clock } = createHarness();
  for (let index = 0; index < 60_000; index += 1) {
    const executionArn = arnOf(`execution-${index}`);
    statuses.noteStarted({ executionArn, startDate: new Date(0) });
    await statuses.get(executionArn, never);
  }

  const { watched, known } = statuses.statistics();
  expect(watched).toBeLessThanOrEqual(50_000);
  expect(known.running).toBeLessThanOrEqual(50_000);
  expect(clock.pending()).toBe(0);
});
