import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/execution-statuses/status.ts';
import { createHarness, createRandom, type Harness } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';

interface Reports {
  /** Milliseconds from an execution's end to its caller's knowledge of it. */
  readonly delays: number[];
  /** Callers who lost patience. */
  left: number;
  /** Callers who came back when they were told to, and those of them who had news. */
  returned: number;
  informed: number;
  readonly errors: unknown[];
}

/**
 * Callers who each start an execution through this process and poll it as `Retry-After` says, until
 * they see its end or lose patience.
 */
function gather(
  { clock, statuses, aws, poll }: Harness,
  options: { startsPerSecond: number; seconds: number; lasts: number; patience: number },
): Reports {
  const reports: Reports = { delays: [], left: 0, returned: 0, informed: 0, errors: [] };
  const { startsPerSecond, seconds, lasts, patience } = options;

  async function follow(name: string): Promise<void> {
    const startedAt = clock.now();
    const endsAt = startedAt + lasts;
    statuses.noteStart()(aws.start(name, lasts));
    let waitSeconds = 1;
    for (let poll_ = 0; ; poll_ += 1) {
      await clock.sleep(waitSeconds * 1000);
      if (clock.now() - startedAt > patience) {
        reports.left += 1;
        return;
      }
      const { execution, ageSeconds, retryAfterSeconds = 0 } = await poll(arnOf(name), name);
      if (poll_ > 0) reports.returned += 1;
      if (poll_ > 0 && ageSeconds < waitSeconds) reports.informed += 1;
      if (execution.status === 'SUCCEEDED') {
        reports.delays.push(clock.now() - endsAt);
        return;
      }
      waitSeconds = retryAfterSeconds;
    }
  }

  for (let index = 0; index < startsPerSecond * seconds; index += 1) {
    clock.schedule((index * 1000) / startsPerSecond, () => {
      follow(`execution-${index}`).catch((error) => reports.errors.push(error));
    });
  }
  return reports;
}

function percentile(delays: readonly number[], share: number): number | undefined {
  return delays.toSorted((a, b) => a - b)[Math.ceil(delays.length * share) - 1];
}

const random = createRandom(1);
const awsAsItIs = { latency: () => 5 + 40 * random(), random, quota: { burst: 250, rate: 10 } };

describe('callers who each poll an execution of their own, without a status table', () => {
  it('see every end within seconds where no more end than may be described', async () => {
    const harness = createHarness(awsAsItIs);
    const reports = gather(harness, {
      startsPerSecond: 5,
      seconds: 60,
      lasts: 5000,
      patience: 60_000,
    });

    await harness.clock.advance(90_000);

    expect(reports).toMatchObject({ errors: [], left: 0 });
    expect(reports.delays).toHaveLength(300);
    expect(percentile(reports.delays, 0.99)).toBeLessThan(5000);
    expect(harness.aws.counts.throttled).toBe(0);
  });

  it.each([15, 30, 60])(
    'get no error at %i ends a second, and the budget serves those who are there',
    async (startsPerSecond) => {
      const harness = createHarness(awsAsItIs);
      const seconds = 120;
      const reports = gather(harness, { startsPerSecond, seconds, lasts: 5000, patience: 60_000 });

      await harness.clock.advance(seconds * 1000);

      const { describes, throttled } = harness.aws.counts;
      const budget = 50 + 10 * seconds;
      expect(reports.errors).toEqual([]);
      expect(throttled).toBe(0);
      // Nothing of the budget is left unused, and nine tenths of it bring somebody a status.
      expect(describes).toBeGreaterThan(0.95 * budget);
      expect(harness.statuses.statistics().given.description).toBeGreaterThan(0.9 * describes);
      // Who comes back when told to has news.
      expect(reports.informed).toBeGreaterThan(0.8 * reports.returned);
    },
  );

  it('get no error when another process uses up most of the quota', async () => {
    const harness = createHarness(awsAsItIs);
    const { clock, aws } = harness;
    const reports = gather(harness, {
      startsPerSecond: 2,
      seconds: 60,
      lasts: 5000,
      patience: 300_000,
    });
    let throttledThere = 0;
    for (let second = 0; second < 100; second += 10) {
      const calls = second === 0 ? 250 : 80;
      clock.schedule(second * 1000, () => {
        for (let i = 0; i < calls; i += 1) {
          aws.describe(arnOf('execution-0'), new AbortController().signal).catch(() => {
            throttledThere += 1;
          });
        }
      });
    }

    await clock.advance(180_000);

    expect(reports).toMatchObject({ errors: [], left: 0 });
    expect(reports.delays).toHaveLength(120);
    expect(percentile(reports.delays, 0.99)).toBeLessThan(60_000);
    expect(aws.counts.throttled - throttledThere).toBeLessThan(60);
  });
});

describe('callers who wait for 30 s, without a status table', () => {
  it('10,000 for as many executions get what is known, and the budget is kept', async () => {
    const { aws, wait, statuses, clock } = createHarness(awsAsItIs);
    const given: Status[] = [];
    for (let index = 0; index < 10_000; index += 1) {
      const started = aws.start(`execution-${index}`, 900_000);
      statuses.noteStart()(started);
      void wait(started.executionArn, 30_000).then((status) => given.push(status));
    }

    await clock.advance(31_000);

    expect(given).toHaveLength(10_000);
    expect(aws.counts.describes).toBeLessThanOrEqual(50 + 10 * 31);
    expect(aws.counts.throttled).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  it('1,000 for one execution make no more calls than one caller', async () => {
    const { aws, wait, clock } = createHarness();
    const { executionArn } = aws.start('shared', 10_500);
    const waits = Array.from({ length: 1000 }, () => wait(executionArn, 30_000));

    await clock.advance(12_000);

    const given = await Promise.all(waits);
    expect(new Set(given.map(({ execution }) => execution.status))).toEqual(new Set(['SUCCEEDED']));
    expect(aws.counts).toEqual({ describes: 12, throttled: 0 });
  });
});

it('holds a bounded number of executions, however many are asked for', async () => {
  const { statuses, poll, clock } = createHarness();
  for (let index = 0; index < 60_000; index += 1) {
    const executionArn = arnOf(`execution-${index}`);
    statuses.noteStart()({ executionArn, startDate: new Date(0) });
    await poll(executionArn);
  }

  const { watched, known } = statuses.statistics();
  expect(watched).toBeLessThanOrEqual(50_000);
  expect(known.running).toBeLessThanOrEqual(50_000);
  expect(clock.pending()).toBe(0);
});
