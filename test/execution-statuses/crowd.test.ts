import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/execution-statuses/status.ts';
import { createHarness, createRandom, type Harness } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';

interface Reports {
  /** Milliseconds from the end of an execution until its caller receives it. */
  readonly delays: number[];
  /** Callers that gave up. */
  left: number;
  /** Polls after `Retry-After`, and those of them that got a fresher status. */
  repeated: number;
  fresher: number;
  readonly errors: unknown[];
}

/**
 * Callers that each start an execution through this process and poll it as `Retry-After` says,
 * until they receive its end or give up.
 */
function gather(
  { clock, statuses, aws, poll }: Harness,
  options: { startsPerSecond: number; seconds: number; duration: number; patience: number },
): Reports {
  const reports: Reports = { delays: [], left: 0, repeated: 0, fresher: 0, errors: [] };
  const { startsPerSecond, seconds, duration, patience } = options;

  async function follow(name: string): Promise<void> {
    const startedAt = clock.now();
    const endsAt = startedAt + duration;
    statuses.noteStart()(aws.start(name, duration));
    let waitSeconds = 1;
    for (let polls = 0; ; polls += 1) {
      await clock.sleep(waitSeconds * 1000);
      if (clock.now() - startedAt > patience) {
        reports.left += 1;
        return;
      }
      const { execution, ageSeconds, retryAfterSeconds = 0 } = await poll(arnOf(name), name);
      if (polls > 0) reports.repeated += 1;
      if (polls > 0 && ageSeconds < waitSeconds) reports.fresher += 1;
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
const awsAsItIs = { latency: () => 5 + 40 * random(), quota: { burst: 250, rate: 10 } };

describe('callers that each poll their own execution, without a status table,', () => {
  it('receive every end within 5 s while ends are fewer than the budget', async () => {
    const harness = createHarness(awsAsItIs);
    const reports = gather(harness, {
      startsPerSecond: 5,
      seconds: 60,
      duration: 5000,
      patience: 60_000,
    });

    await harness.clock.advance(90_000);

    expect(reports).toMatchObject({ errors: [], left: 0 });
    expect(reports.delays).toHaveLength(300);
    expect(percentile(reports.delays, 0.99)).toBeLessThan(5000);
    expect(harness.aws.counts.throttled).toBe(0);
  });

  it.each([15, 30, 60])(
    'get no error at %i ends a second, and nearly all of the budget brings a caller a status',
    async (startsPerSecond) => {
      const harness = createHarness(awsAsItIs);
      const seconds = 120;
      const reports = gather(harness, {
        startsPerSecond,
        seconds,
        duration: 5000,
        patience: 60_000,
      });

      await harness.clock.advance(seconds * 1000);

      const { describes, throttled } = harness.aws.counts;
      const budget = 50 + 10 * seconds;
      expect(reports.errors).toEqual([]);
      expect(throttled).toBe(0);
      // Almost no token is unused, and nine tenths of the calls bring a caller a status.
      expect(describes).toBeGreaterThan(0.95 * budget);
      expect(harness.statuses.statistics().returned.description).toBeGreaterThan(0.9 * describes);
      // Callers that follow Retry-After get a fresher status.
      expect(reports.fresher).toBeGreaterThan(0.8 * reports.repeated);
    },
  );

  it('get no error while another process uses most of the quota of AWS', async () => {
    const harness = createHarness(awsAsItIs);
    const { clock, aws } = harness;
    const reports = gather(harness, {
      startsPerSecond: 2,
      seconds: 60,
      duration: 5000,
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

describe('callers that wait for 30 s, without a status table,', () => {
  it('all get a status within the budget when 10,000 wait for 10,000 executions', async () => {
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

  it('cost no more calls than one caller when 1,000 wait for one execution', async () => {
    const { aws, wait, clock } = createHarness();
    const { executionArn } = aws.start('shared', 10_500);
    const waits = Array.from({ length: 1000 }, () => wait(executionArn, 30_000));

    await clock.advance(12_000);

    const given = await Promise.all(waits);
    expect(new Set(given.map(({ execution }) => execution.status))).toEqual(new Set(['SUCCEEDED']));
    expect(aws.counts).toEqual({ describes: 12, throttled: 0 });
  });
});

it('keeps a bounded number of executions in memory, however many are polled', async () => {
  const { statuses, poll, clock } = createHarness();
  for (let index = 0; index < 70_000; index += 1) {
    const executionArn = arnOf(`execution-${index}`);
    statuses.noteStart()({ executionArn, startDate: clock.dateAt(clock.now()) });
    await poll(executionArn);
  }

  expect(statuses.statistics().known).toBeLessThan(60_000);
  expect(clock.pending()).toBe(0);
});
