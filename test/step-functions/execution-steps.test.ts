import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import { createExecutionSteps } from '../../src/step-functions/execution-steps.ts';
import { createVirtualClock } from '../execution-statuses/virtual-clock.ts';

/** Histories of sequential states, in pages of `pageSize` events. */
function simulateHistories({ pageSize = 1000 } = {}) {
  const timestamp = new Date(0);
  const events: HistoryEvent[] = [{ id: 1, type: 'ExecutionStarted', timestamp }];
  const reads: string[] = [];
  let failure: StepFunctionsError | undefined;
  return {
    reads,
    enter(name: string) {
      const id = events.length + 1;
      const stateEnteredEventDetails = { name };
      events.push(
        {
          id,
          timestamp,
          type: 'PassStateEntered',
          previousEventId: id - 1,
          stateEnteredEventDetails,
        },
        {
          id: id + 1,
          timestamp,
          type: 'PassStateExited',
          previousEventId: id,
          stateExitedEventDetails: { name },
        },
      );
    },
    end() {
      const id = events.length + 1;
      events.push({ id, timestamp, type: 'ExecutionSucceeded', previousEventId: 0 });
    },
    fail(error: StepFunctionsError | undefined) {
      failure = error;
    },
    async readPage(executionArn: string, nextToken: string | undefined) {
      reads.push(executionArn);
      if (failure) throw failure;
      const newest = nextToken === undefined ? events.length : Number(nextToken);
      const oldest = Math.max(0, newest - pageSize);
      return {
        events: events.slice(oldest, newest).toReversed(),
        nextToken: oldest > 0 ? String(oldest) : undefined,
      };
    },
  };
}

function create(options: { pageSize?: number; rate?: number; burst?: number } = {}) {
  const { rate = 10, burst = 100, ...rest } = options;
  const histories = simulateHistories(rest);
  const clock = createVirtualClock();
  const steps = createExecutionSteps({ readPage: histories.readPage, rate, burst, clock });
  return { histories, clock, steps };
}

const names = ({ steps }: { steps: readonly { name: string }[] }) => steps.map(({ name }) => name);

test('a repeated read stops at the first known event, however long the history is', async () => {
  const { histories, clock, steps } = create({ pageSize: 4 });
  for (const name of ['A', 'B', 'C', 'D', 'E']) histories.enter(name);
  expect(names(await steps.get('x', 'caller'))).toEqual(['A', 'B', 'C', 'D', 'E']);
  expect(histories.reads.length).toBe(3);
  histories.enter('F');
  await clock.advance(1000);
  expect(names(await steps.get('x', 'caller'))).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
  expect(histories.reads.length).toBe(4);
});

test('concurrent callers share one read, and steps are fresh for a second', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  await Promise.all(Array.from({ length: 50 }, () => steps.get('x', 'caller')));
  await clock.advance(900);
  expect((await steps.get('x', 'caller')).ageSeconds).toBe(0);
  expect(histories.reads.length).toBe(1);
  await clock.advance(200);
  await steps.get('x', 'caller');
  expect(histories.reads.length).toBe(2);
});

test('the history of a SUCCEEDED execution is not read again', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  histories.end();
  expect((await steps.get('x', 'caller')).status).toBe('SUCCEEDED');
  await clock.advance(3_600_000);
  await steps.get('x', 'caller');
  expect(histories.reads.length).toBe(1);
});

test('beyond the budget, callers get the last known steps with their age', async () => {
  const { histories, clock, steps } = create({ rate: 0.1, burst: 1 });
  histories.enter('A');
  await steps.get('x', 'caller');
  histories.enter('B');
  await clock.advance(3000);
  expect(await steps.get('x', 'caller')).toMatchObject({ ageSeconds: 3, steps: [{ name: 'A' }] });
  expect(histories.reads.length).toBe(1);
});

test('the debt of a caller does not delay others who join its read', async () => {
  const { histories, clock, steps } = create({ rate: 1, burst: 1 });
  histories.fail(new StepFunctionsError('not-found'));
  await expect(steps.get('nowhere', 'stranger')).rejects.toThrow('not-found');
  histories.fail(undefined);
  const shared = steps.get('shared', 'stranger');
  const joined = steps.get('shared', 'backend');
  const later = steps.get('later', 'other');
  await clock.advance(3000);
  await Promise.all([shared, joined, later]);
  expect(histories.reads).toEqual(['nowhere', 'shared', 'later']);
});

test('beyond the budget, callers of an unknown execution get BudgetExhausted', async () => {
  const { clock, steps } = create({ rate: 0.1, burst: 1 });
  await steps.get('x', 'caller');
  const refused = expect(steps.get('y', 'caller')).rejects.toThrow(BudgetExhausted);
  await clock.advance(11_000);
  await refused;
});

test('while reads fail, callers get the last known steps, if there are any', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  await steps.get('x', 'caller');
  histories.fail(new StepFunctionsError('unavailable'));
  await clock.advance(2000);
  expect(names(await steps.get('x', 'caller'))).toEqual(['A']);
  await expect(steps.get('y', 'caller')).rejects.toThrow('unavailable');
});

test('an execution that no longer exists is not found, even if its steps are known', async () => {
  const { histories, clock, steps } = create();
  await steps.get('x', 'caller');
  histories.fail(new StepFunctionsError('not-found'));
  await clock.advance(2000);
  await expect(steps.get('x', 'caller')).rejects.toThrow('not-found');
});

test('steps read before the end are read again for a caller that knows of the end', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  await steps.get('x', 'caller');
  histories.enter('B');
  histories.end();
  await clock.advance(100);
  expect(await steps.get('x', 'caller', { status: 'RUNNING' })).toMatchObject({
    status: 'RUNNING',
  });
  const atTheEnd = await steps.get('x', 'caller', { status: 'SUCCEEDED' });
  expect([atTheEnd.status, names(atTheEnd)]).toEqual(['SUCCEEDED', ['A', 'B']]);
  expect(histories.reads.length).toBe(2);
});

test('a caller that knows of the end does not share a read that began before it', async () => {
  const histories = simulateHistories();
  const gate = Promise.withResolvers<void>();
  const steps = createExecutionSteps({
    async readPage(...page) {
      const read = await histories.readPage(...page);
      await gate.promise;
      return read;
    },
    ...{ rate: 10, burst: 100 },
    clock: createVirtualClock(),
  });
  histories.enter('A');
  const before = steps.get('x', 'caller');
  histories.end();
  const atTheEnd = steps.get('x', 'caller', { status: 'SUCCEEDED' });
  gate.resolve();
  expect((await before).status).toBe('RUNNING');
  expect((await atTheEnd).status).toBe('SUCCEEDED');
});

test('memory is bounded by the number of steps, even if histories grow after the first read', async () => {
  const { histories, clock, steps } = create({ rate: 10_000, burst: 10_000 });
  const arns = Array.from({ length: 60 }, (_, index) => `x${index}`);
  histories.enter('A');
  for (const arn of arns) await steps.get(arn, 'caller');
  for (let step = 1; step < 2000; step += 1) histories.enter('B');
  await clock.advance(1000);
  for (const arn of arns) await steps.get(arn, 'caller');
  await clock.advance(1000);
  const pages = async (arn: string) => {
    const before = histories.reads.length;
    await steps.get(arn, 'caller');
    return histories.reads.length - before;
  };
  expect(await pages('x59')).toBe(1);
  expect(await pages('x0')).toBe(5);
});

test('every page takes a token of the budget', async () => {
  const { histories, clock, steps } = create({ pageSize: 2, rate: 1, burst: 1 });
  for (const name of ['A', 'B', 'C']) histories.enter(name);
  const found = steps.get('x', 'caller');
  await clock.advance(2900);
  expect(histories.reads.length).toBe(3);
  await clock.advance(200);
  expect(names(await found)).toEqual(['A', 'B', 'C']);
});

test('the return of one read lets the next one begin at once', async () => {
  const histories = simulateHistories();
  const gate = Promise.withResolvers<void>();
  const clock = createVirtualClock();
  const steps = createExecutionSteps({
    async readPage(...page) {
      await gate.promise;
      return histories.readPage(...page);
    },
    ...{ rate: 10, burst: 1 },
    clock,
  });
  const first = steps.get('x', 'caller');
  const second = steps.get('y', 'caller');
  await clock.advance(1000);
  gate.resolve();
  await first;
  await clock.advance(200);
  expect((await second).ageSeconds).toBe(0);
  expect(histories.reads).toEqual(['x', 'y']);
});

test('a throttled read halves the rate of all', async () => {
  const { histories, clock, steps } = create({ rate: 10, burst: 10 });
  histories.fail(new StepFunctionsError('throttled'));
  await expect(steps.get('x', 'caller')).rejects.toThrow('throttled');
  expect(steps.tokens()).toBeLessThanOrEqual(0);
  await clock.advance(1000);
  expect(steps.tokens()).toBe(5);
});
