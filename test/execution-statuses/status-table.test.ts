import { describe, expect, it } from 'vitest';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import { isRunning } from '../../src/step-functions/execution.ts';
import { callerId } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';
import { createTableHarness, type TableHarness } from './table-harness.ts';

const hour = 3_600_000;
const refused = new Error('refused');

async function startWithKnown(options: Parameters<typeof createTableHarness>[0] = {}) {
  const harness = createTableHarness(options);
  const executionArn = harness.run('known', 20_000);
  await harness.clock.advance(1000);
  await harness.get(executionArn);
  return { ...harness, executionArn };
}

describe('with a status table', () => {
  it('a new process reads earlier ends from it, without DescribeExecution', async () => {
    const harness = createTableHarness();
    const { aws, record, poll, settle, dynamoDb } = harness;
    const arns = Array.from({ length: 1000 }, (_, index) => aws.start(`done-${index}`, 0));
    for (const { executionArn } of arns) await settle(record(executionArn));
    await harness.clock.advance(10_000);

    const statuses = await settle(Promise.all(arns.map(({ executionArn }) => poll(executionArn))));

    expect(statuses.every(({ execution }) => execution.status === 'SUCCEEDED')).toBe(true);
    expect(statuses[0]?.execution.output).toBe('{}');
    expect(dynamoDb.calls).toMatchObject({ BatchGetItem: 10 });
    expect(aws.counts.describes).toBe(0);
    expect(harness.statuses.statistics().returned.table).toBe(1000);
  });

  it.each<[string, Parameters<typeof createTableHarness>[0] & {}]>([
    ['exact clocks and indexes', {}],
    ['an index that is three seconds behind', { indexLag: () => 3000 }],
    ['a clock that is two seconds ahead', { skew: 2000 }],
    ['a clock that is two seconds slow', { skew: -2000 }],
    ['reads that are a second behind', { readLag: () => 1000 }],
    ['pages of one item', { pageSize: 1 }],
  ])('a waiting caller gets the end soon after its event arrives, with %s', async (_, options) => {
    const { aws, run, wait, clock, settle, statuses } = createTableHarness(options);
    const executionArn = run('soon', 20_000);
    await clock.advance(1000);

    const { execution } = await settle(wait(executionArn, 60_000));

    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: '{}' });
    // The event arrives 200 ms after the end; the rest is the delay that is simulated.
    const delay = (options.indexLag?.() ?? 0) + (options.readLag?.() ?? 0);
    expect(clock.now()).toBeLessThan(20_200 + 600 + delay);
    expect(aws.counts.describes).toBe(0);
    expect(statuses.statistics().returned).toMatchObject({ feed: 1 });
  });

  it('an end written between the read of an item and the feed is not missed', async () => {
    // The end is written after the item was read, and long before the first query sees it.
    const { aws, record, wait, clock, settle } = createTableHarness({ indexLag: () => 2000 });
    const { executionArn } = aws.start('between', 10);
    await settle(record(executionArn));
    const ending = wait(executionArn, 60_000);
    await clock.advance(25);
    await settle(record(executionArn));

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(3000);
  });

  it('a poll gets the end that the feed has reported, even with reads that are a second behind', async () => {
    const { run, clock, get } = createTableHarness({ readLag: () => 1000 });
    const executionArn = run('reported', 10_000);
    await clock.advance(2000);
    await get(executionArn);
    await clock.advance(8800);

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });

  it('the number of calls does not grow with the number of waiting callers', async () => {
    const { aws, run, wait, clock, dynamoDb } = createTableHarness();
    const arns = Array.from({ length: 1000 }, (_, index) => run(`long-${index}`, hour));
    const short = Array.from({ length: 20 }, (_, index) => run(`short-${index}`, 10_000));
    await clock.advance(1000);
    const ends: string[] = [];
    for (const arn of [...arns, ...arns, ...short]) {
      void wait(arn, 25_000).then(({ execution }) => ends.push(execution.status));
    }
    await clock.advance(26_000);

    expect(ends.filter((status) => status === 'SUCCEEDED')).toHaveLength(20);
    expect(ends).toHaveLength(2020);
    const { Query, BatchGetItem } = dynamoDb.calls;
    // Twice a second, of two partitions when a new 10 s interval begins.
    expect(Query).toBeLessThan(2 * 26 * 2);
    // Each execution once, and each end once.
    expect(BatchGetItem).toBeLessThanOrEqual(11 + 20);
    expect(aws.counts.describes).toBe(0);
  });

  it('polls of a running execution are fresh and cost no read while the feed is read', async () => {
    const { run, get, clock, dynamoDb } = createTableHarness();
    const executionArn = run('polled', hour);
    await clock.advance(1000);
    await get(executionArn);
    const { BatchGetItem } = dynamoDb.calls;
    for (let second = 0; second < 20; second += 1) {
      await clock.advance(1000);
      const status = await get(executionArn);
      expect(status).toMatchObject({ execution: { status: 'RUNNING' }, retryAfterSeconds: 1 });
      expect(status.ageSeconds).toBeLessThanOrEqual(1);
    }
    expect(dynamoDb.calls.BatchGetItem).toBe(BatchGetItem);
  });

  it('an execution that this process starts costs no read until it ends', async () => {
    const { run, statuses, wait, clock, settle, dynamoDb, aws } = createTableHarness();
    const executionArn = run('ours', 5000);
    statuses.noteStart()({ executionArn, startDate: clock.dateAt(clock.now()) });

    expect(await settle(wait(executionArn, 60_000))).toMatchObject({
      execution: { status: 'SUCCEEDED' },
    });
    expect(clock.now()).toBeLessThan(6000);
    expect(dynamoDb.calls.BatchGetItem).toBe(1);
    expect(aws.counts.describes).toBe(0);
  });

  it('a late response of StartExecution does not hide the end', async () => {
    const { aws, record, statuses, get, settle, clock } = createTableHarness();
    const noteStarted = statuses.noteStart();
    const { executionArn, startDate } = aws.start('repeated', 1000);
    await clock.advance(1000);
    await settle(record(executionArn));
    await clock.advance(8000);
    noteStarted({ executionArn, startDate });

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });

  it('a late event is waited for before DescribeExecution', async () => {
    const { run, get, aws, clock } = createTableHarness();
    const executionArn = run('late', hour, 900);

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(clock.now()).toBeLessThan(1100);
    expect(aws.counts.describes).toBe(0);
  });

  it('a later event is waited for while the describe budget is scarce', async () => {
    const { run, get, aws, clock, poll, settle } = createTableHarness();
    const unknown = Array.from({ length: 60 }, (_, index) => poll(arnOf(`nowhere-${index}`)));
    await settle(Promise.allSettled(unknown));
    const { describes } = aws.counts;
    const askedAt = clock.now();

    const executionArn = run('late', hour, 1500);
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(clock.now() - askedAt).toBeLessThan(2100);
    expect(aws.counts.describes).toBe(describes);
  });

  it('a caller in the queue for DescribeExecution gets the status that the table receives meanwhile', async () => {
    const { aws, run, get, poll, clock, settle } = createTableHarness();
    const lost = Array.from({ length: 400 }, (_, index) => aws.start(`lost-${index}`, hour));
    const others = Promise.allSettled(lost.map(({ executionArn }) => poll(executionArn)));
    const executionArn = run('late', hour, 5000);

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(clock.now()).toBeLessThan(5000 + 2200);
    await settle(others);
  });

  it('and also after a failed read, while the feed fails', async () => {
    const { aws, run, poll, get, clock, settle, broken } = createTableHarness();
    const lost = Array.from({ length: 400 }, (_, index) => aws.start(`lost-${index}`, hour));
    const others = Promise.allSettled(lost.map(({ executionArn }) => poll(executionArn)));
    broken.feed = refused;
    await clock.advance(4000);
    broken.items = refused;
    const executionArn = run('late', hour, 5000);
    const late = get(executionArn);
    await clock.advance(100);
    broken.items = undefined;

    expect(await late).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(clock.now()).toBeLessThan(9000 + 2200);
    await settle(others);
  });

  it('an execution that the table lacks is described', async () => {
    const { aws, get, clock } = createTableHarness();
    const { executionArn } = aws.start('lost', 0);

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(1500);
    await expect(get(arnOf('nowhere'))).rejects.toThrow('not-found');
    expect(clock.now()).toBeLessThan(3000);
    expect(aws.counts.describes).toBe(2);
  });

  it('a running execution is described now and then in case all its events are lost', async () => {
    const { aws, wait, clock, settle } = createTableHarness();
    const { executionArn } = aws.start('lost', 40_000);

    expect(await settle(wait(executionArn, 120_000))).toMatchObject({
      execution: { status: 'SUCCEEDED' },
    });
    expect(clock.now()).toBeLessThan(70_000);
    expect(aws.counts.describes).toBeLessThan(5);
  });

  it('a change that the feed misses is read from the item', async () => {
    let indexLag = 0;
    const { run, wait, clock, settle } = createTableHarness({ indexLag: () => indexLag });
    const executionArn = run('missed', 10_000);
    await clock.advance(1000);
    indexLag = hour;

    expect(await settle(wait(executionArn, 120_000))).toMatchObject({
      execution: { status: 'SUCCEEDED' },
    });
    expect(clock.now()).toBeLessThan(35_000);
  });

  it('a redrive and the end after it are received', async () => {
    const { aws, record, get, wait, clock, settle } = createTableHarness();
    const { executionArn } = aws.start('redriven', 1000, { ending: { status: 'FAILED' } });
    await clock.advance(1000);
    await settle(record(executionArn));
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'FAILED' } });

    aws.start('redriven', 10_000);
    await settle(record(executionArn));
    await clock.advance(1000);
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    const ending = wait(executionArn, 60_000);
    await clock.advance(9000);
    await settle(record(executionArn));
    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(aws.counts.describes).toBe(0);
  });

  it('a late event of an earlier state changes nothing', async () => {
    const { aws, record, get, clock, settle, dynamoDb } = createTableHarness();
    const { executionArn } = aws.start('late', 100);
    await clock.advance(200);
    await settle(record(executionArn));
    const [ended] = dynamoDb.items.get(executionArn) ?? [];
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    aws.start('late', hour, { startsAt: 0 });
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(dynamoDb.items.get(executionArn)).toEqual([ended]);
  });

  it('without callers, no timer is left and no call is made', async () => {
    const { run, get, clock, dynamoDb } = createTableHarness();
    await get(run('polled', hour));
    await clock.advance(12_000);
    const { Query } = dynamoDb.calls;
    await clock.advance(60_000);

    expect(dynamoDb.calls.Query).toBe(Query);
    // The simulated end of the execution, an hour from now.
    expect(clock.pending()).toBe(1);
  });
});

describe('a table that fails', () => {
  /** A harness with one running execution, known from the table. */
  const described = ({ statuses }: TableHarness) => statuses.statistics().returned.description;

  it('is replaced by DescribeExecution, and reported once for each operation', async () => {
    const harness = await startWithKnown();
    const { wait, clock, broken, failures, settle, aws, executionArn, get } = harness;
    const ending = wait(executionArn, 60_000);
    broken.table = refused;
    await clock.advance(5000);
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(22_000);
    expect(described(harness)).toBeGreaterThan(0);
    expect(aws.counts.throttled).toBe(0);
    expect(failures.map(([operation]) => operation)).toEqual(['Query', 'BatchGetItem']);
  });

  it('is used again once it recovers, and no end is missed', async () => {
    const { wait, clock, broken, settle, run, executionArn, aws, failures } =
      await startWithKnown();
    broken.table = refused;
    await clock.advance(10_000);
    broken.table = undefined;
    await clock.advance(5000);
    const { describes } = aws.counts;
    expect(await settle(wait(executionArn, 60_000))).toMatchObject({
      execution: { status: 'SUCCEEDED' },
    });
    const other = run('other', 5000);
    expect(await settle(wait(other, 60_000))).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(aws.counts.describes).toBe(describes);
    broken.table = refused;
    await settle(wait(run('third', 500), 60_000));
    expect(failures.filter(([operation]) => operation === 'Query')).toHaveLength(2);
  });

  it('is used again by callers who waited for DescribeExecution meanwhile', async () => {
    const { aws, run, wait, clock, broken } = createTableHarness();
    const arns = Array.from({ length: 200 }, (_, index) => run(`long-${index}`, hour));
    await clock.advance(1000);
    for (const executionArn of arns) void wait(executionArn, 60_000);
    await clock.advance(2000);
    broken.table = refused;
    await clock.advance(10_000);
    broken.table = undefined;
    await clock.advance(2000);
    const { describes } = aws.counts;
    expect(describes).toBeGreaterThan(50);
    await clock.advance(10_000);
    expect(aws.counts.describes).toBe(describes);
  });

  it.each(['table', 'items'] as const)(
    'gives callers the ends that it missed, although a read failed just before it recovered: %s',
    async (broken) => {
      const harness = createTableHarness();
      const { aws, run, wait, clock, poll } = harness;
      const arns = Array.from({ length: 200 }, (_, index) => run(`long-${index}`, 20_000));
      const ends: string[] = [];
      await clock.advance(10_000);
      for (const executionArn of arns) {
        void wait(executionArn, hour).then(({ execution }) => ends.push(execution.status));
      }
      await clock.advance(1000);
      harness.broken[broken] = refused;
      aws.broken.describe = new StepFunctionsError('throttled');
      await clock.advance(100_000);
      poll(arnOf('another')).catch(() => undefined);
      await clock.advance(100);
      harness.broken[broken] = undefined;

      await clock.advance(3000);

      expect(ends).toHaveLength(200);
    },
  );

  it('leaves the last known status with its true age, also after the feed has resumed', async () => {
    const { clock, wait, broken, aws, get, executionArn } = await startWithKnown();
    void wait(executionArn, hour);
    broken.table = refused;
    aws.broken.describe = new StepFunctionsError('throttled');
    await clock.advance(90_000);
    broken.items = refused;
    broken.table = undefined;
    await clock.advance(1000);

    // It ended long before the changes that the feed reads now.
    const { execution, ageSeconds } = await get(executionArn);

    expect(execution.status).toBe('RUNNING');
    expect(ageSeconds).toBeGreaterThanOrEqual(90);
  });

  it('ages the feed for as long as it lasts', async () => {
    const { wait, clock, broken, statuses, settle, run } = createTableHarness();
    const ending = wait(run('long', 200_000), 300_000);
    await clock.advance(3000);
    broken.table = refused;
    await clock.advance(150_000);
    expect(statuses.statistics().feedAgeSeconds).toBeGreaterThan(149);
    broken.table = undefined;
    await settle(ending);
    expect(statuses.statistics().feedAgeSeconds).toBeLessThan(2);
  });

  it('of a minute delays waiting callers, who still get the end', async () => {
    const { wait, clock, broken, aws, settle } = createTableHarness();
    const { executionArn } = aws.start('long', 100_000);
    const ending = wait(executionArn, 300_000);
    await clock.advance(3000);
    broken.table = refused;
    aws.broken.describe = new Error('unreachable');
    await clock.advance(50_000);
    broken.table = undefined;
    aws.broken.describe = undefined;
    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(135_000);
  });

  it('by being slow delays a caller by about a second at most', async () => {
    let latency = 5;
    const harness = await startWithKnown({ latency: () => latency });
    const { aws, clock, get } = harness;
    latency = 5000;
    const { executionArn } = aws.start('beside', hour);
    const sentAt = clock.now();
    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(clock.now() - sentAt).toBeLessThan(1200);
  });

  it('after it reported a change leaves the last known status with its true age', async () => {
    const { aws, run, get, clock, broken } = createTableHarness();
    const executionArn = run('reported', 10_000);
    await clock.advance(1000);
    await get(executionArn);
    broken.items = refused;
    aws.broken.describe = new Error('unreachable');
    await clock.advance(9000);
    await get(executionArn);
    await clock.advance(10_000);

    const status = await get(executionArn);

    expect(status.execution.status).toBe('RUNNING');
    expect(status.ageSeconds).toBeGreaterThanOrEqual(10);
  });

  it('together with DescribeExecution leaves the last known status for a minute, then gives the error', async () => {
    const { aws, broken, clock, get, executionArn } = await startWithKnown();
    const unreachable = new Error('unreachable');
    broken.table = refused;
    aws.broken.describe = unreachable;
    await clock.advance(30_000);
    const status = await get(executionArn);
    expect(status.execution.status).toBe('RUNNING');
    expect(status.ageSeconds).toBeGreaterThanOrEqual(29);
    await clock.advance(31_000);
    await expect(get(executionArn)).rejects.toBe(unreachable);
  });
});

describe('waitForChange', () => {
  /** The status and all changes until the end, with the times at which they were returned. */
  async function collect(
    { statuses, clock }: TableHarness,
    executionArn: string,
    signal: AbortSignal,
  ) {
    const seen: [status: string, at: number][] = [];
    let { execution } = await statuses.get(executionArn, signal, callerId);
    seen.push([execution.status, clock.now()]);
    while (isRunning(execution)) {
      ({ execution } = await statuses.waitForChange(execution, signal, callerId));
      seen.push([execution.status, clock.now()]);
    }
    return seen;
  }

  it('returns every change up to the end, with no more calls than one wait', async () => {
    const harness = createTableHarness();
    const executionArn = harness.run('streamed', 150_000);
    await harness.clock.advance(1000);
    const stream = collect(harness, executionArn, new AbortController().signal);
    const { BatchGetItem } = harness.dynamoDb.calls;

    const seen = await harness.settle(stream);

    expect(seen.map(([status]) => status)).toEqual(['RUNNING', 'SUCCEEDED']);
    expect(seen[0]?.[1]).toBeLessThan(1100);
    expect(seen[1]?.[1]).toBeLessThan(151_000);
    expect(harness.aws.counts.describes).toBe(0);
    // Once at first, every 30 s as a precaution, and at the end.
    expect(harness.dynamoDb.calls.BatchGetItem - BatchGetItem).toBeLessThanOrEqual(8);
  });

  it('returns the last known state on release, and throws when its signal aborts', async () => {
    const { statuses, clock, get, executionArn } = await startWithKnown();
    const { execution } = await get(executionArn);
    const leaving = new AbortController();
    const { signal } = new AbortController();
    const left = statuses.waitForChange(execution, leaving.signal, callerId);
    const released = statuses.waitForChange(execution, signal, callerId);
    await clock.advance(5000);
    leaving.abort(new Error('disconnected'));
    await expect(left).rejects.toThrow('disconnected');
    statuses.release();
    expect(await released).toMatchObject({ execution });
    const late = statuses.waitForChange(execution, signal, callerId);
    expect(await late).toEqual({ execution });
    expect(statuses.statistics().held).toBe(0);
  });

  it('throws the failure of DescribeExecution when the last known status is a minute old', async () => {
    const { aws, broken, clock, get, statuses, executionArn } = await startWithKnown();
    const { execution } = await get(executionArn);
    const unreachable = new Error('unreachable');
    broken.table = refused;
    aws.broken.describe = unreachable;
    const { signal } = new AbortController();
    const failed = expect(statuses.waitForChange(execution, signal, callerId)).rejects.toBe(
      unreachable,
    );
    await clock.advance(50_000);
    expect(statuses.statistics().held).toBe(1);
    await clock.advance(15_000);
    await failed;
    expect(statuses.statistics().held).toBe(0);
  });
});
