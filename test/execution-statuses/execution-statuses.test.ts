import { describe, expect, it } from 'vitest';
import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import { callerId, createHarness } from './harness.ts';
import { arnOf } from './simulated-step-functions.ts';

const hour = 3_600_000;

describe('a lone poller', () => {
  it('receives the end at the first poll after it', async () => {
    const { clock, aws, get } = createHarness();
    const { executionArn } = aws.start('lone', 4500, { ending: { output: '{"done":true}' } });

    for (let second = 0; second < 5; second += 1) {
      const status = await get(executionArn);
      expect(status).toMatchObject({ execution: { status: 'RUNNING' }, ageSeconds: 0 });
      expect(status.retryAfterSeconds).toBe(1);
      await clock.advance(970);
    }

    expect(await get(executionArn)).toEqual({
      ageSeconds: 0,
      execution: {
        executionArn,
        status: 'SUCCEEDED',
        startDate: clock.dateAt(0),
        stopDate: clock.dateAt(4500),
        output: '{"done":true}',
        redriveCount: 0,
      },
    });
    expect(aws.counts).toEqual({ describes: 6, throttled: 0 });
  });

  it('gets its status from memory within half a second', async () => {
    const { aws, get } = createHarness();
    const { executionArn } = aws.start('lone', hour);

    for (let poll = 0; poll < 10; poll += 1) await get(executionArn);

    expect(aws.counts.describes).toBe(1);
  });

  it('leaves no timer behind', async () => {
    const { clock, aws, get } = createHarness();
    await get(aws.start('lone', hour).executionArn);

    expect(clock.pending()).toBe(0);
  });
});

describe('an execution that has ended', () => {
  it('is described only once if it SUCCEEDED', async () => {
    const { clock, aws, get } = createHarness();
    const { executionArn } = aws.start('done', 0);
    await get(executionArn);
    await clock.advance(10 * hour);

    expect(await get(executionArn)).toMatchObject({ ageSeconds: 36_000 });
    expect(aws.counts.describes).toBe(1);
  });

  it.each(['FAILED', 'TIMED_OUT', 'ABORTED'] as const)(
    'is described again after two minutes if it %s, as it may be redriven',
    async (status) => {
      const { clock, aws, get } = createHarness();
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
  it('share one DescribeExecution', async () => {
    const { aws, poll, wait, settle } = createHarness();
    const { executionArn } = aws.start('shared', hour);
    const polls = Array.from({ length: 100 }, () => poll(executionArn));
    const waits = Array.from({ length: 100 }, () => wait(executionArn, 900));

    await settle(Promise.all([...polls, ...waits]));

    expect(aws.counts.describes).toBe(1);
  });

  it('disconnect independently of each other', async () => {
    const { aws, statuses, wait, settle } = createHarness();
    const { executionArn } = aws.start('shared', 2000);
    const leaving = new AbortController();
    const left = statuses.wait(executionArn, 10_000, leaving.signal, callerId);
    const stays = wait(executionArn, 10_000);
    leaving.abort(new Error('disconnected'));

    await expect(left).rejects.toThrow('disconnected');
    expect(await settle(stays)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });

  it('take their call out of the queue when the last of them disconnects', async () => {
    const { clock, aws, statuses, poll, settle } = createHarness({ rate: 1, burst: 1 });
    const first = poll(aws.start('first', hour).executionArn);
    const leaving = new AbortController();
    const second = aws.start('second', hour).executionArn;
    const left = statuses.get(second, leaving.signal, callerId);
    await settle(first);
    leaving.abort(new Error('disconnected'));

    await expect(left).rejects.toThrow('disconnected');
    await clock.advance(10_000);
    expect(aws.describes.get(second)).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  it('cost no call if they have already disconnected', async () => {
    const { aws, statuses } = createHarness();
    const { executionArn } = aws.start('left', hour);

    await expect(statuses.get(executionArn, AbortSignal.abort(), callerId)).rejects.toThrow(
      'aborted',
    );
    expect(aws.counts.describes).toBe(0);
  });
});

describe('a state that a call for another purpose returns', () => {
  const observed = (status: 'RUNNING' | 'FAILED', redriveCount = 0) => ({
    executionArn: arnOf('beside'),
    startDate: new Date(0),
    status,
    redriveCount,
  });

  it('does not replace a later one', async () => {
    const { statuses, get } = createHarness();
    statuses.noteDescribed(observed('FAILED'));
    statuses.noteDescribed(observed('RUNNING'));

    expect(await get(arnOf('beside'))).toMatchObject({ execution: { status: 'FAILED' } });
  });

  it('replaces an end by the redrive after it', async () => {
    const { statuses, get } = createHarness();
    statuses.noteDescribed(observed('FAILED'));
    statuses.noteDescribed(observed('RUNNING', 1));

    expect(await get(arnOf('beside'))).toMatchObject({ execution: { status: 'RUNNING' } });
  });

  it('spares the call that waits for a token, for as long as it is current', async () => {
    const { aws, clock, statuses, wait, get } = createHarness({ rate: 0.2, burst: 1 });
    const { executionArn } = aws.start('beside', hour);
    await get(executionArn);
    void wait(executionArn, 60_000);
    await clock.advance(4500);
    statuses.noteDescribed(observed('RUNNING'));

    await clock.advance(900);
    expect(aws.describes.get(executionArn)).toBe(1);
    await clock.advance(1000);
    expect(aws.describes.get(executionArn)).toBe(2);
  });

  it('releases waiting callers, whose call is no longer needed', async () => {
    const { aws, clock, statuses, wait, poll } = createHarness({ rate: 1, burst: 1 });
    void poll(aws.start('first', hour).executionArn);
    const { executionArn } = aws.start('beside', 0);
    const ending = wait(executionArn, 60_000);
    await clock.advance(100);
    statuses.noteDescribed(observed('FAILED'));

    expect(await ending).toMatchObject({ execution: { status: 'FAILED' } });
    await clock.advance(5000);
    expect(aws.describes.get(executionArn)).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });
});

describe('an execution that does not exist', () => {
  it('is not found, and costs few calls when it is polled in a loop', async () => {
    const { clock, aws, get } = createHarness();
    for (let poll = 0; poll < 50; poll += 1) {
      await expect(get(arnOf('nowhere'))).rejects.toThrow('not-found');
      await clock.advance(70);
    }

    expect(aws.counts.describes).toBeLessThanOrEqual(5);
  });

  it('is found as soon as it exists', async () => {
    const { clock, aws, get } = createHarness();
    await expect(get(arnOf('late'))).rejects.toThrow('not-found');
    aws.start('late', hour);
    await clock.advance(1000);

    expect(await get(arnOf('late'))).toMatchObject({ execution: { status: 'RUNNING' } });
  });
});

describe('an execution that this process started', () => {
  it('is RUNNING without a call', async () => {
    const { aws, statuses, get } = createHarness();
    const { executionArn, startDate } = aws.start('ours', hour);
    statuses.noteStart()({ executionArn, startDate });

    expect(await get(executionArn)).toMatchObject({
      execution: { executionArn, status: 'RUNNING', startDate },
    });
    expect(aws.counts.describes).toBe(0);
  });

  it('is RUNNING even while DescribeExecution, which is eventually consistent, does not know it', async () => {
    const { clock, aws, statuses, get } = createHarness();
    const { executionArn, startDate } = aws.start('ours', hour, { startsAt: 3000 });
    statuses.noteStart()({ executionArn, startDate });
    await clock.advance(1000);

    expect(await get(executionArn)).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(aws.counts.describes).toBe(1);
  });

  it('is read if an earlier request started it, since it may have been redriven', async () => {
    const { clock, aws, statuses, get } = createHarness();
    aws.start('ours', 1000);
    await clock.advance(5000);
    const noteStarted = statuses.noteStart();
    const { executionArn } = aws.start('ours', hour);
    noteStarted({ executionArn, startDate: clock.dateAt(0) });

    expect((await get(executionArn)).execution).toMatchObject({
      status: 'RUNNING',
      redriveCount: 1,
    });
  });

  it('is no longer found once Step Functions does not have it any more', async () => {
    const { clock, statuses, get } = createHarness();
    statuses.noteStart()({
      executionArn: arnOf('forgotten'),
      startDate: clock.dateAt(clock.now()),
    });
    await clock.advance(60_000);

    await expect(get(arnOf('forgotten'))).rejects.toThrow('not-found');
  });
});

describe('a wait', () => {
  it('returns when the execution ends', async () => {
    const { clock, aws, wait, settle } = createHarness();
    const { executionArn } = aws.start('soon', 7300);

    const status = await settle(wait(executionArn, 60_000));

    expect(status).toMatchObject({ execution: { status: 'SUCCEEDED' } });
    expect(clock.now()).toBeLessThan(8500);
    expect(clock.pending()).toBe(0);
  });

  it('returns the current status when its time is over', async () => {
    const { clock, aws, wait, settle } = createHarness();
    const { executionArn } = aws.start('long', hour);

    const status = await settle(wait(executionArn, 10_000));

    expect(status).toMatchObject({ execution: { status: 'RUNNING' }, retryAfterSeconds: 1 });
    expect(status.ageSeconds).toBeLessThanOrEqual(1);
    expect(clock.now()).toBe(10_000);
    expect(aws.counts.describes).toBeLessThanOrEqual(11);
    await clock.advance(hour);
    expect(aws.counts.describes).toBeLessThanOrEqual(11);
  });

  it('lasts longer than its time if no status is known yet', async () => {
    const { aws, wait, settle } = createHarness({ latency: () => 1000 });
    const { executionArn } = aws.start('unseen', hour);

    expect(await settle(wait(executionArn, 100))).toMatchObject({
      execution: { status: 'RUNNING' },
    });
  });

  it('continues through PENDING_REDRIVE', async () => {
    const { aws, poll, wait, settle } = createHarness();
    const { executionArn } = aws.start('redriven', 0, { ending: { status: 'PENDING_REDRIVE' } });
    const ending = wait(executionArn, 60_000);
    await settle(poll(executionArn));
    aws.start('redriven', 3000);

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });
});

describe('when DescribeExecution fails', () => {
  const failure = new Error('unreachable');

  it('callers get the error if no status is known', async () => {
    const { aws, get, wait, settle } = createHarness();
    const { executionArn } = aws.start('unlucky', hour);
    aws.broken.describe = failure;

    await expect(get(executionArn)).rejects.toBe(failure);
    await expect(settle(wait(executionArn, 10_000))).rejects.toBe(failure);
  });

  it('callers get the last known status for a minute, then the error', async () => {
    const { clock, aws, failures, get } = createHarness();
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

  it('waiting callers keep waiting for that minute', async () => {
    const { clock, aws, wait, settle } = createHarness();
    const { executionArn } = aws.start('unlucky', 20_000);
    const ending = wait(executionArn, 60_000);
    await clock.advance(5000);
    aws.broken.describe = failure;
    await clock.advance(10_000);
    aws.broken.describe = undefined;

    expect(await settle(ending)).toMatchObject({ execution: { status: 'SUCCEEDED' } });
  });

  it('by throttling, callers do not notice and the budget slows down', async () => {
    const quota = { burst: 5, rate: 2 };
    const { aws, poll, settle } = createHarness({ quota });
    const polls = Array.from({ length: 20 }, (_, i) =>
      poll(aws.start(`execution-${i}`, hour).executionArn),
    );

    expect(await settle(Promise.all(polls))).toHaveLength(20);
    expect(aws.counts.throttled).toBeGreaterThan(0);
    expect(aws.counts.throttled).toBeLessThan(40);
  });
});

describe('release', () => {
  it('gives waiting callers the known status, or the first one', async () => {
    const { clock, aws, statuses, get, wait, settle } = createHarness();
    const { executionArn } = aws.start('seen', hour);
    await get(executionArn);
    const seen = wait(executionArn, 60_000);
    const unseen = wait(aws.start('unseen', hour).executionArn, 60_000);

    statuses.release();

    expect(await seen).toMatchObject({ execution: { status: 'RUNNING' } });
    expect(await settle(unseen)).toMatchObject({ execution: { status: 'RUNNING' } });
    await settle(wait(executionArn, 60_000));
    expect(clock.now()).toBeLessThan(200);
  });
});

describe('close', () => {
  it('gives waiting callers the known status or an error, and ends all calls and timers', async () => {
    const { clock, aws, statuses, poll, wait, settle } = createHarness({ rate: 1, burst: 1 });
    const { executionArn } = aws.start('seen', hour);
    await settle(poll(executionArn));
    const seen = wait(executionArn, 60_000);
    const unseen = wait(aws.start('unseen', hour).executionArn, 60_000);
    const other = statuses.withinDescribeBudget(async () => 'response', callerId);
    const refused = Promise.all(
      [unseen, other].map((call) => expect(call).rejects.toThrow(BudgetExhausted)),
    );

    statuses.close();

    expect(await seen).toMatchObject({ execution: { status: 'RUNNING' } });
    await refused;
    const { describes } = aws.counts;
    await clock.advance(60_000);
    expect(aws.counts.describes).toBe(describes);
    expect(clock.pending()).toBe(0);
    expect(await poll(executionArn)).toMatchObject({ ageSeconds: 60 });
  });

  it('holds no further caller, even of an execution that is being described', async () => {
    const { clock, aws, statuses, poll } = createHarness();
    const { executionArn } = aws.start('unseen', hour);
    const before = expect(poll(executionArn)).rejects.toThrow(BudgetExhausted);
    await clock.advance(1);
    statuses.close();

    const after = expect(poll(executionArn)).rejects.toThrow(BudgetExhausted);

    expect(statuses.statistics().held).toBe(0);
    await clock.advance(1000);
    await Promise.all([before, after]);
  });
});
