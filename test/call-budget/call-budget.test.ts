import { describe, expect, it } from 'vitest';
import { createCallBudget } from '../../src/call-budget/call-budget.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import { createVirtualClock } from '../execution-statuses/virtual-clock.ts';

describe('the debt of a caller', () => {
  /** A budget of one call a second, after `misses` calls by `inventor` that found no execution. */
  async function startWithDebt(misses: number) {
    const clock = createVirtualClock();
    const budget = createCallBudget({ lanes: ['polls', 'waits'], rate: 1, burst: 1, clock });
    const started: string[] = [];
    const add = (lane: 'polls' | 'waits', caller: string, call = async () => {}) =>
      budget.add(lane, {
        turnAt: clock.now(),
        callers: [{ id: caller }],
        start(send) {
          started.push(caller);
          send(call).catch(() => undefined);
        },
      });
    for (let miss = 0; miss < misses; miss += 1) {
      add('polls', 'inventor', async () => {
        throw new StepFunctionsError('not-found');
      });
      await clock.advance(1000);
    }
    started.length = 0;
    return { clock, add, started };
  }

  it('puts a lane with only indebted callers after the other lanes', async () => {
    const { clock, add, started } = await startWithDebt(5);
    // It takes the token, and its lane is the last now.
    add('waits', 'other');
    add('polls', 'inventor');
    add('waits', 'another');
    await clock.advance(3000);

    expect(started).toEqual(['other', 'another', 'inventor']);
  });

  it('is forgotten three minutes after any number of misses', async () => {
    const { clock, add, started } = await startWithDebt(100);
    await clock.advance(180_000);
    add('polls', 'other');
    add('polls', 'inventor');
    await clock.advance(1);
    add('polls', 'another');
    await clock.advance(3000);

    expect(started).toEqual(['other', 'inventor', 'another']);
  });
});
