import { describe, expect, it } from 'vitest';
import { StatusNotYetKnown } from '../../src/execution-statuses/errors.ts';
import { createHarness, never } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';

const hour = 3_600_000;
const budgetOf = (describeRate: number, describeBurst: number) => ({
  describeRate,
  describeBurst,
  listRate: 1,
  listBurst: 20,
});

describe('a lone poller', () => {
  it('sees the end at the first poll after it', async () => {
    const { aws, get, clock } = createHarness();
    const { executionArn } = aws.start('lone', 4500, { ending: { output: '{"done":true}' } });

    for (let second = 0; second < 5; second += 1) {
      const answer = await get(executionArn);
      expect(answer).toMatchObject({ execution: { status: 'RUNNING' }, ageSeconds: 0 });
      expect(answer.retryAfterSeconds).toBe(1);
      await clock.advance(970);
    }

    expect(await get(executionArn)).toEqual({
      ageSeconds: 0,
      execution: {
        executionArn,
        status: 'SUCCEEDED',
        startDate: new Date(0),
        stopDate: new Date(4500),
        output: '{"done":true}',
      },
    });
    expect(aws.counts).toEqual({ describes: 6, lists: 0, throttled: 0 });
  });

  it('is answered from memory within half a second', async () => {
    const { aws, get } = createHarness();
    const { executionArn } = aws.start('lone', hour);

    for (let poll = 0; poll < 10; poll += 1) await get(executionArn);

    expect(aws.counts.describes).toBe(1);
  });

  it('leaves nothing behind that would keep the process alive', async () => {
    const { aws, get, clock } = createHarness();
    await get(aws.start('lone', hour).executionArn);

    expect(clock.pending()).toBe(0);
  });
});

describe('an execution that has ended', () => {
  it('is described once and for all when it succeeded', async () => {
    const { aws, get, clock } = createHarness();
    const { executionArn } = aws.start('done', 0);
    await get(executionArn);
    await clock.advance(10 * hour);

    expect(await get(executionArn)).toMatchObject({ ageSeconds: 36_000 });
    expect(aws.counts.describes).toBe(1);
  });

  it.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
    'is looked at again after minutes when it %s, as it may be redriven',
    async (status) => {
      const { aws, get, clock } = createHarness();
      const { executionArn } = aws.start('failed', 0, { ending: { status } });
      await get(executionArn);
      await clock.advance(60_000);
      await get(executionArn);
      expect(aws.counts.describes).toBe(1);

      aws.start('failed', hour);
      await clock.advance(60_000);

      expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    },
  );
});

describe('callers of one execution', () => {
  it('share one call', async () => {
    const { aws, statuses, settle } = createHarness();
    const { executionArn } = aws.start('shared', hour);
    const polls = Array.from({ length: 100 }, () => statuses.get(executionArn, never));
    const waits = Array.from({ length: 100 }, () => statuses.wait(executionArn, 900, never));

    await settle(Promise.all([...polls, ...waits]));

    expect(aws.counts.describes).toBe(1);
  });

  it('hang up each for themselves', async () => {
    const { aws, statuses, settle } = createHarness();
    const { executionArn } = aws.start('shared', 2000);
    const leaving = new AbortController();
    const left = statuses.wait(executionArn, 10_000, leaving.signal);
    const stays = statuses.wait(executionArn, 10_000, never);
    leaving.abort(new Error('hung up'));

    await expect(left).rejects.toThrow('hung up');
    expect(await settle(stays)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });

  it('take their call out of the queue when the last of them hangs up', async () => {
    const { aws, statuses, settle, clock } = createHarness({ budgets: budgetOf(1, 1) });
    const first = statuses.get(aws.start('first', hour).executionArn, never);
    const leaving = new AbortController();
    const second = aws.start('second', hour).executionArn;
    const left = statuses.get(second, leaving.signal);
    await settle(first);
    leaving.abort(new Error('hung up'));

    await expect(left).rejects.toThrow('hung up');
    await clock.advance(10_000);
    expect(aws.describes.get(second)).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  it('who have hung up before they ask cost nothing', async () => {
    const { aws, statuses } = createHarness();
    const { executionArn } = aws.start('left', hour);

    await expect(statuses.get(executionArn, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(aws.counts.describes).toBe(0);
  });
});

describe('an execution that is not there', () => {
  it('is not found, and costs little when it is asked for in a loop', async () => {
    const { aws, get, clock } = createHarness();
    for (let poll = 0; poll < 50; poll += 1) {
      await expect(get(arnOf('nowhere'))).rejects.toThrow('not-found');
      await clock.advance(70);
    }

    expect(aws.counts.describes).toBeLessThanOrEqual(5);
  });

  it('is found as soon as it exists', async () => {
    const { aws, get, clock } = createHarness();
    await expect(get(arnOf('late'))).rejects.toThrow('not-found');
    aws.start('late', hour);
    await clock.advance(1000);

    expect(await get(arnOf('late'))).toMatchObject({ execution: { status: 'RUNNING' } });
  });
});

describe('an execution that we started', () => {
  it('needs no call to be known as running', async () => {
    const { aws, statuses, get } = createHarness();
    const { executionArn, startDate } = aws.start('ours', hour);
    statuses.noteStarted({ executionArn, startDate });

    expect(await get(executionArn)).toMatchObject({
      execution: { executionArn, status: 'RUNNING', startDate },
    });
    expect(aws.counts.describes).toBe(0);
  });

  it('is there even while DescribeExecution, eventually consistent, does not know it yet', async () => {
    const { aws, statuses, get, clock } = createHarness();
    const { executionArn, startDate } = aws.start('ours', hour, { startsAt: 3000 });
    statuses.noteStarted({ executionArn, startDate });
    await clock.advance(1000);

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(aws.counts.describes).toBe(1);
  });

  it('is not found any more once Step Functions has forgotten it', async () => {
    const { statuses, get, clock } = createHarness();
    statuses.noteStarted({ executionArn: arnOf('forgotten'), startDate: new Date(0) });
    await clock.advance(60_000);

    await expect(get(arnOf('forgotten'))).rejects.toThrow('not-found');
  });
});

describe('beyond the budget', () => {
  /** Twenty known executions, polled once already, at one describe a second and no list. */
  async function overload(random: () => number) {
    const harness = createHarness({ budgets: budgetOf(1, 2), random });
    const { aws, statuses, clock } = harness;
    aws.broken.list = new Error('not authorised');
    const started = Array.from({ length: 20 }, (_, i) => aws.start(`execution-${i}`, hour));
    for (const execution of started) statuses.noteStarted(execution);
    await clock.advance(5000);
    const pollAll = () =>
      Promise.all(started.map(({ executionArn }) => statuses.get(executionArn, never)));
    await harness.settle(pollAll());
    await clock.advance(100);
    return { ...harness, pollAll };
  }

  it('callers get the last known answer at once, its age, and a later time to come back', async () => {
    const { clock, settle, pollAll, aws } = await overload(() => 0);
    const before = clock.now();

    const answers = await settle(pollAll());

    const older = answers.filter(({ ageSeconds }) => ageSeconds >= 5);
    expect(clock.now() - before).toBeLessThan(50);
    expect(older.length).toBeGreaterThanOrEqual(17);
    expect(new Set(older.map(({ retryAfterSeconds }) => retryAfterSeconds))).toEqual(new Set([20]));
    expect(aws.counts.describes).toBeLessThanOrEqual(3);
  });

  it('those told to come back together are spread out', async () => {
    let turn = 0;
    const { settle, pollAll } = await overload(() => {
      turn += 1;
      return (turn % 10) / 10;
    });

    const answers = await settle(pollAll());

    const seconds = new Set(answers.map(({ retryAfterSeconds }) => retryAfterSeconds));
    expect(seconds.size).toBe(10);
    expect(Math.max(...[...seconds].map((second) => second ?? 0))).toBe(29);
  });

  it('an execution never seen before goes before those that are known', async () => {
    const { aws, statuses, settle, clock } = createHarness({ budgets: budgetOf(1, 1) });
    aws.broken.list = new Error('not authorised');
    for (let i = 0; i < 20; i += 1) statuses.noteStarted(aws.start(`known-${i}`, hour));
    await clock.advance(5000);
    for (let i = 0; i < 20; i += 1) void statuses.wait(arnOf(`known-${i}`), 60_000, never);
    await clock.advance(5000);
    const askedAt = clock.now();

    await settle(statuses.get(aws.start('new', hour).executionArn, never));

    expect(clock.now() - askedAt).toBeLessThan(2500);
  });

  it('who asks for one never seen is told to come back when the wait would be too long', async () => {
    const { aws, statuses, clock } = createHarness({ budgets: budgetOf(1, 1) });
    aws.broken.list = new Error('not authorised');
    const outcomes: unknown[] = [];
    for (let i = 0; i < 100; i += 1) {
      const { executionArn } = aws.start(`execution-${i}`, hour);
      statuses.get(executionArn, never).then(
        ({ execution }) => outcomes.push(execution.status),
        (error) => outcomes.push(error),
      );
    }
    await clock.advance(20_000);

    expect(outcomes).toHaveLength(100);
    expect(outcomes.filter((outcome) => outcome === 'RUNNING').length).toBeGreaterThan(15);
    const refusal = outcomes.find((outcome) => outcome instanceof StatusNotYetKnown);
    expect(refusal).toMatchObject({ retryAfterSeconds: 30 });
    await clock.advance(5000);
    expect(clock.pending()).toBe(0);
  });

  it('tens of thousands that do not exist neither fill the memory nor starve an end', async () => {
    const { aws, statuses, settle, clock } = createHarness({ budgets: budgetOf(10, 10) });
    const { executionArn } = aws.start('ours', 12_000);
    await settle(statuses.get(executionArn, never));
    const ending = statuses.wait(executionArn, 60_000, never);
    let refused = 0;
    for (let i = 0; i < 12_000; i += 1) {
      statuses.get(arnOf(`nowhere-${i}`), new AbortController().signal).catch((error) => {
        if (error instanceof StatusNotYetKnown) refused += 1;
      });
    }
    await clock.advance(0);
    expect(refused).toBeGreaterThan(1900);
    expect(statuses.statistics().waiting).toBeLessThan(10_100);

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(16_000);
  });
});

describe('waiting for the end', () => {
  it('is over when the execution ends', async () => {
    const { aws, statuses, settle, clock } = createHarness();
    const { executionArn } = aws.start('soon', 7300);

    const answer = await settle(statuses.wait(executionArn, 60_000, never));

    expect(answer).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(8500);
    expect(clock.pending()).toBe(0);
  });

  it('is over when time is, with what is known then', async () => {
    const { aws, statuses, settle, clock } = createHarness();
    const { executionArn } = aws.start('long', hour);

    const answer = await settle(statuses.wait(executionArn, 10_000, never));

    expect(answer).toMatchObject({ execution: { status: 'RUNNING' }, retryAfterSeconds: 1 });
    expect(answer.ageSeconds).toBeLessThanOrEqual(1);
    expect(clock.now()).toBe(10_000);
    expect(aws.counts.describes).toBeLessThanOrEqual(11);
    await clock.advance(hour);
    expect(aws.counts.describes).toBeLessThanOrEqual(11);
  });

  it('longer than asked, for a first answer', async () => {
    const { aws, statuses, settle } = createHarness({ latency: () => 1000 });
    const { executionArn } = aws.start('unseen', hour);

    expect(await settle(statuses.wait(executionArn, 100, never))).toMatchObject({
      execution: { status: 'RUNNING' },
    });
  });

  it('sees through a redrive that is pending', async () => {
    const { aws, statuses, settle } = createHarness();
    const { executionArn } = aws.start('redriven', 0, { ending: { status: 'PENDING_REDRIVE' } });
    const ending = statuses.wait(executionArn, 60_000, never);
    await settle(statuses.get(executionArn, never));
    aws.start('redriven', 3000);

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });
});

describe('when DescribeExecution fails', () => {
  const failure = new Error('unreachable');

  it('callers who have no answer yet get the error', async () => {
    const { aws, get, statuses, settle } = createHarness();
    const { executionArn } = aws.start('unlucky', hour);
    aws.broken.describe = failure;

    await expect(get(executionArn)).rejects.toBe(failure);
    await expect(settle(statuses.wait(executionArn, 10_000, never))).rejects.toBe(failure);
  });

  it('others get the last known answer for a minute, then the error', async () => {
    const { aws, get, clock, failures } = createHarness();
    const { executionArn } = aws.start('unlucky', hour);
    await get(executionArn);
    expect(failures).toEqual([]);
    aws.broken.describe = failure;
    await clock.advance(50_000);
    expect(await get(executionArn)).toMatchObject({ ageSeconds: 50 });
    await clock.advance(10_000);

    await expect(get(executionArn)).rejects.toBe(failure);
    aws.broken.describe = undefined;
    await clock.advance(1000);
    expect(await get(executionArn)).toMatchObject({ ageSeconds: 0 });
    expect(failures).toEqual([['DescribeExecution', failure]]);
  });

  it('those who wait go on waiting as long as the last answer is good', async () => {
    const { aws, statuses, settle, clock } = createHarness();
    const { executionArn } = aws.start('unlucky', 20_000);
    const ending = statuses.wait(executionArn, 60_000, never);
    await clock.advance(5000);
    aws.broken.describe = failure;
    await clock.advance(10_000);
    aws.broken.describe = undefined;

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });

  it('AWS’s throttling reaches nobody, and makes us call less', async () => {
    const describeQuota = { burst: 5, rate: 2 };
    const { aws, statuses, settle } = createHarness({ describeQuota });
    aws.broken.list = new Error('not authorised');
    const polls = Array.from({ length: 20 }, (_, i) =>
      statuses.get(aws.start(`execution-${i}`, hour).executionArn, never),
    );

    expect(await settle(Promise.all(polls))).toHaveLength(20);
    expect(aws.counts.throttled).toBeGreaterThan(0);
    expect(aws.counts.throttled).toBeLessThan(40);
  });
});

describe('a describe call of another kind', () => {
  it('counts in the budget, and waits for no queue of others', async () => {
    const { aws, statuses, settle, clock } = createHarness({ budgets: budgetOf(2, 2) });
    aws.broken.list = new Error('not authorised');
    const { executionArn } = aws.start('other', hour);
    for (let i = 0; i < 10; i += 1) {
      const waited = aws.start(`execution-${i}`, hour).executionArn;
      statuses.wait(waited, 60_000, never).catch(() => {});
    }

    await settle(statuses.withinDescribeBudget(() => aws.describe(executionArn, never)));
    expect(clock.now()).toBeLessThanOrEqual(600);
    await clock.advance(10_000 - clock.now());

    expect(aws.counts.describes).toBeLessThanOrEqual(22);
    expect(statuses.statistics().describeCalls).toBe(aws.counts.describes);
  });

  it('leaves every second token to statuses, however many there are', async () => {
    const { aws, statuses, clock, get } = createHarness({ budgets: budgetOf(2, 2) });
    aws.broken.list = new Error('not authorised');
    const other = aws.start('other', hour).executionArn;
    const { executionArn } = aws.start('ended', 1);
    const storm = () =>
      statuses.withinDescribeBudget(() => aws.describe(other, never)).catch(() => undefined);
    for (let i = 0; i < 300; i += 1) void storm();
    await clock.advance(2000);

    expect((await get(executionArn)).execution.status).toBe('SUCCEEDED');
    expect(clock.now()).toBeLessThan(4000);
  });

  it('is refused when there is no token for it in time, or too many wait for one', async () => {
    const { aws, statuses, clock } = createHarness({ budgets: budgetOf(1, 1) });
    const { executionArn } = aws.start('other', hour);
    let answered = 0;
    let refused = 0;
    for (let i = 0; i < 1000; i += 1) {
      statuses
        .withinDescribeBudget(() => aws.describe(executionArn, never))
        .then(
          () => {
            answered += 1;
          },
          (error) => {
            if (error instanceof StatusNotYetKnown) refused += 1;
          },
        );
    }

    await clock.advance(0);
    expect(refused).toBeGreaterThan(500);
    await clock.advance(15_000);

    expect(answered).toBeGreaterThanOrEqual(9);
    expect(answered + refused).toBe(1000);
    expect(clock.pending()).toBe(0);
  });

  it('fails with its own error, and lets the next one go', async () => {
    const { statuses, settle } = createHarness({ budgets: budgetOf(1, 1) });
    const failure = new Error('unreachable');

    await expect(settle(statuses.withinDescribeBudget(() => Promise.reject(failure)))).rejects.toBe(
      failure,
    );
    expect(await settle(statuses.withinDescribeBudget(async () => 'answer'))).toBe('answer');
  });
});

describe('release', () => {
  it('answers those who wait with what is known, or as soon as it is', async () => {
    const { aws, statuses, settle, get, clock } = createHarness();
    const { executionArn } = aws.start('seen', hour);
    await get(executionArn);
    const seen = statuses.wait(executionArn, 60_000, never);
    const unseen = statuses.wait(aws.start('unseen', hour).executionArn, 60_000, never);

    statuses.release();

    expect(await seen).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(await settle(unseen)).toMatchObject({ execution: { status: 'RUNNING' } });
    await settle(statuses.wait(executionArn, 60_000, never));
    expect(clock.now()).toBeLessThan(200);
  });
});

describe('close', () => {
  it('answers those who wait, and ends all calls and timers', async () => {
    const { aws, statuses, settle, clock } = createHarness({ budgets: budgetOf(1, 1) });
    const { executionArn } = aws.start('seen', hour);
    await settle(statuses.get(executionArn, never));
    const seen = statuses.wait(executionArn, 60_000, never);
    const unseen = statuses.wait(aws.start('unseen', hour).executionArn, 60_000, never);
    const other = statuses.withinDescribeBudget(async () => 'answer');
    const refused = Promise.all(
      [unseen, other].map((call) => expect(call).rejects.toThrow(StatusNotYetKnown)),
    );

    statuses.close();

    expect(await seen).toMatchObject({ execution: { status: 'RUNNING' } });
    await refused;
    const { describes } = aws.counts;
    await clock.advance(60_000);
    expect(aws.counts.describes).toBe(describes);
    expect(clock.pending()).toBe(0);
    expect(await statuses.get(executionArn, never)).toMatchObject({ ageSeconds: 60 });
  });
});
