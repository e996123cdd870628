import { describe, expect, it } from 'vitest';
import { createHarness, fullQuotas, type Harness, never } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';

const hour = 3_600_000;

/** Waits for each of these executions to end, and answers how many have, and how late at most. */
function follow({ statuses, clock }: Harness, ends: ReadonlyMap<string, number>) {
  const seen = { ended: 0, latest: 0, errors: 0 };
  for (const [executionArn, endsAt] of ends) {
    statuses.wait(executionArn, hour, never).then(
      () => {
        seen.ended += 1;
        seen.latest = Math.max(seen.latest, clock.now() - endsAt);
      },
      () => {
        seen.errors += 1;
      },
    );
  }
  return seen;
}

/** Starts `size` executions a millisecond apart, the last of them now, of which some are to end. */
function startMany(
  { aws, clock }: Harness,
  size: number,
  endsAt: (index: number) => number | undefined,
): Map<string, number> {
  const ends = new Map<string, number>();
  for (let index = 0; index < size; index += 1) {
    const startsAt = clock.now() - size + index;
    const end = endsAt(index);
    const { executionArn } = aws.start(`execution-${index}`, (end ?? hour) - startsAt, {
      startsAt,
    });
    if (end !== undefined) ends.set(executionArn, end);
  }
  return ends;
}

describe('a sweep', () => {
  it('tells of many pages, each as it is read', async () => {
    const harness = createHarness({ budgets: fullQuotas, pageSize: 100 });
    const ends = startMany(harness, 1000, (index) => (index % 10 === 0 ? 20_000 : 90_000));
    const seen = follow(harness, ends);

    await harness.clock.advance(40_000);

    expect(seen).toMatchObject({ ended: 100, errors: 0 });
    expect(seen.latest).toBeLessThan(4000);
    expect(harness.aws.counts.describes).toBeLessThan(115);
  });

  it('goes no further than the oldest execution that somebody asks for', async () => {
    const harness = createHarness({ budgets: fullQuotas, pageSize: 100 });
    // A hundred pages run, and the newest thirty executions are watched.
    const ends = startMany(harness, 10_000, (index) => (index >= 9970 ? 30_000 : undefined));
    for (const executionArn of ends.keys()) {
      harness.statuses.noteStarted({ executionArn, startDate: new Date(-30) });
    }
    const seen = follow(harness, ends);

    await harness.clock.advance(25_000);
    expect(harness.aws.counts.lists).toBeLessThan(30);
    expect(harness.aws.counts.describes).toBeLessThan(10);
    await harness.clock.advance(10_000);

    expect(seen).toMatchObject({ ended: 30, errors: 0 });
  });

  it('gives way to describing where it would have to read too much', async () => {
    const harness = createHarness({ pageSize: 100 });
    // The oldest thirty of a hundred pages: describing them takes three seconds, a sweep a hundred.
    const ends = startMany(harness, 10_000, (index) => (index < 30 ? 30_000 : undefined));
    for (const executionArn of ends.keys()) {
      harness.statuses.noteStarted({ executionArn, startDate: new Date(-10_000) });
    }
    await harness.clock.advance(5000);
    const seen = follow(harness, ends);

    await harness.clock.advance(40_000);

    expect(seen).toMatchObject({ ended: 30, errors: 0 });
    expect(seen.latest).toBeLessThan(6000);
    expect(harness.aws.counts.lists).toBeLessThan(10);
    expect(harness.aws.counts.throttled).toBe(0);
  });

  it('does not take for ended what is too new to be listed', async () => {
    const harness = createHarness({ budgets: fullQuotas, listingLag: 2000 });
    const { aws, statuses, clock } = harness;
    const ends = new Map<string, number>();
    for (let index = 0; index < 400; index += 1) {
      clock.schedule(index * 25, () => {
        const execution = aws.start(`execution-${index}`, hour);
        statuses.noteStarted(execution);
        ends.set(execution.executionArn, hour);
        follow(harness, new Map([[execution.executionArn, hour]]));
      });
    }

    await clock.advance(20_000);

    expect(aws.counts.lists).toBeGreaterThan(10);
    expect(aws.counts.describes).toBeLessThan(30);
  });

  it('believes DescribeExecution where the list leaves out what runs', async () => {
    const harness = createHarness({ budgets: fullQuotas });
    const { aws, clock, statuses } = harness;
    const ends = startMany(harness, 200, () => hour);
    const unlisted = new Set([...ends.keys()].slice(0, 100));
    const { listRunning } = aws;
    aws.listRunning = async (token, signal) => {
      const { executions, ...page } = await listRunning(token, signal);
      return { ...page, executions: executions.filter((one) => !unlisted.has(one.executionArn)) };
    };
    const seen = follow(harness, ends);

    await clock.advance(30_000);

    expect(seen).toMatchObject({ ended: 0, errors: 0 });
    // They go on being described, but the burst is kept for those that may have ended.
    expect(statuses.statistics().describeTokens).toBeGreaterThan(80);
  });

  it('that overtakes a describe under way does not start another', async () => {
    const latency = (operation: string) => (operation === 'describe' ? 3000 : 20);
    const harness = createHarness({ budgets: fullQuotas, latency });
    const arns = [...startMany(harness, 30, () => hour).keys()];
    const poll = (executionArn: string) => harness.statuses.get(executionArn, never);
    const first = Promise.all(arns.map(poll));
    await harness.clock.advance(100);
    await first;

    for (let time = 0; time < 5000; time += 100) {
      for (const executionArn of arns.slice(0, 3)) void poll(executionArn);
      await harness.clock.advance(100);
    }

    expect(harness.aws.counts.lists).toBeGreaterThan(0);
    expect(harness.aws.mostDescribesOfOne()).toBe(1);
  });

  it('sees the end of an execution that was unknown when it ended', async () => {
    const harness = createHarness({ budgets: fullQuotas });
    const { statuses, clock, settle } = harness;
    startMany(harness, 200, (index) => (index < 100 ? 0 : undefined));
    await clock.advance(1000);
    const before = clock.now();

    const answers = await settle(
      Promise.all(
        Array.from({ length: 200 }, (_, index) => statuses.get(arnOf(`execution-${index}`), never)),
      ),
    );

    const ended = answers.filter(({ execution }) => execution.status === 'SUCCEEDED');
    expect(ended).toHaveLength(100);
    expect(clock.now() - before).toBeLessThan(500);
    expect(harness.aws.counts.lists).toBe(1);
    expect(harness.aws.counts.describes).toBeLessThan(115);
  });
});

describe('when ListExecutions fails', () => {
  it('executions are described instead, the failure is told once, and listing is tried again', async () => {
    const harness = createHarness({ budgets: fullQuotas });
    const denied = new Error('not authorised to perform: states:ListExecutions');
    harness.aws.broken.list = denied;
    const ends = startMany(harness, 100, () => 100_000);
    const seen = follow(harness, ends);

    await harness.clock.advance(60_000);
    expect(harness.failures).toEqual([['ListExecutions', denied]]);
    expect(harness.aws.counts.lists).toBeLessThan(6);
    expect(harness.aws.counts.describes).toBeGreaterThan(500);

    harness.aws.broken.list = undefined;
    await harness.clock.advance(90_000);
    expect(harness.aws.counts.lists).toBeGreaterThan(20);
    expect(seen).toMatchObject({ ended: 100, errors: 0 });
    expect(harness.aws.counts.throttled).toBe(0);
  });

  it('throttled, the page is asked for again, more slowly', async () => {
    const harness = createHarness({ budgets: fullQuotas, listQuota: { burst: 1, rate: 0.5 } });
    const seen = follow(
      harness,
      startMany(harness, 100, () => 20_000),
    );

    await harness.clock.advance(60_000);

    expect(harness.failures).toEqual([]);
    expect(harness.statuses.statistics().listsThrottled).toBeGreaterThan(0);
    expect(harness.aws.counts.throttled).toBeLessThan(25);
    expect(seen).toMatchObject({ ended: 100, errors: 0 });
  });
});
