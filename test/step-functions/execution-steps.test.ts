import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { StatusNotYetKnown } from '../../src/execution-statuses/errors.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';
import { createExecutionSteps } from '../../src/step-functions/execution-steps.ts';
import { createVirtualClock } from '../execution-statuses/virtual-clock.ts';

/** Histories of executions of one state after another, `pageSize` events a page. */
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

test('only what is new is read, however long the history is', async () => {
  const { histories, clock, steps } = create({ pageSize: 4 });
  for (const name of ['A', 'B', 'C', 'D', 'E']) histories.enter(name);
  expect(names(await steps.get('x'))).toEqual(['A', 'B', 'C', 'D', 'E']);
  expect(histories.reads.length).toBe(3);
  histories.enter('F');
  await clock.advance(1000);
  expect(names(await steps.get('x'))).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
  expect(histories.reads.length).toBe(4);
});

test('those who ask together share one read, and steps are fresh for a second', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  await Promise.all(Array.from({ length: 50 }, () => steps.get('x')));
  await clock.advance(900);
  expect((await steps.get('x')).ageSeconds).toBe(0);
  expect(histories.reads.length).toBe(1);
  await clock.advance(200);
  await steps.get('x');
  expect(histories.reads.length).toBe(2);
});

test('an execution that succeeded is not read again', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  histories.end();
  expect((await steps.get('x')).status).toBe('SUCCEEDED');
  await clock.advance(3_600_000);
  await steps.get('x');
  expect(histories.reads.length).toBe(1);
});

test('beyond the budget, the last known steps come with their age', async () => {
  const { histories, clock, steps } = create({ rate: 0.1, burst: 1 });
  histories.enter('A');
  await steps.get('x');
  histories.enter('B');
  await clock.advance(3000);
  expect(await steps.get('x')).toMatchObject({ ageSeconds: 3, steps: [{ name: 'A' }] });
  expect(histories.reads.length).toBe(1);
});

test('beyond the budget, what nobody knows is asked for later', async () => {
  const { clock, steps } = create({ rate: 0.1, burst: 1 });
  await steps.get('x');
  const refused = expect(steps.get('y')).rejects.toThrow(StatusNotYetKnown);
  await clock.advance(6000);
  await refused;
});

test('while reads fail, the last known steps are given', async () => {
  const { histories, clock, steps } = create();
  histories.enter('A');
  await steps.get('x');
  histories.fail(new StepFunctionsError('unavailable'));
  await clock.advance(2000);
  expect(names(await steps.get('x'))).toEqual(['A']);
  await expect(steps.get('y')).rejects.toThrow('unavailable');
});

test('an execution that is gone is not found, whatever was known', async () => {
  const { histories, clock, steps } = create();
  await steps.get('x');
  histories.fail(new StepFunctionsError('not-found'));
  await clock.advance(2000);
  await expect(steps.get('x')).rejects.toThrow('not-found');
});
