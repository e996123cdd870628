import {
  createExecutionStatuses,
  type ExecutionStatuses,
  type StatusAnswer,
} from '../../src/execution-statuses/execution-statuses.ts';
import type { StatusBudgets } from '../../src/execution-statuses/refresher.ts';
import { type SimulatedStepFunctions, simulateStepFunctions } from './simulated-step-functions.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface Harness {
  readonly clock: VirtualClock;
  readonly aws: SimulatedStepFunctions;
  readonly statuses: ExecutionStatuses;
  readonly failures: [operation: string, error: unknown][];
  /** A poll, and as much time as its answer takes. */
  get(executionArn: string): Promise<StatusAnswer>;
  /** Lets time pass until the promise is settled. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

/** For one caller who does not hang up, or a few: a signal finds its listeners one by one. */
export const never = new AbortController().signal;

/** The quotas of the largest Regions, used up to the brim. */
export const fullQuotas: StatusBudgets = {
  describeRate: 15,
  describeBurst: 300,
  listRate: 5,
  listBurst: 200,
};

export function createHarness(
  options: Omit<Parameters<typeof simulateStepFunctions>[0], 'clock'> & {
    budgets?: StatusBudgets;
    random?: () => number;
  } = {},
): Harness {
  const { budgets = { describeRate: 10, describeBurst: 50, listRate: 1, listBurst: 20 } } = options;
  const clock = createVirtualClock();
  const aws = simulateStepFunctions({ ...options, clock });
  const failures: Harness['failures'] = [];
  const statuses = createExecutionStatuses({
    calls: aws,
    budgets,
    clock,
    random: options.random ?? (() => 0),
    onFailure: (operation, error) => failures.push([operation, error]),
  });

  async function settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = () => {
      isSettled = true;
    };
    promise.then(mark, mark);
    await clock.advance(0);
    while (!isSettled) await clock.advance(10);
    return await promise;
  }

  return {
    clock,
    aws,
    statuses,
    failures,
    settle,
    get: (executionArn) => settle(statuses.get(executionArn, never)),
  };
}

/** The same row of numbers in [0, 1) in every run (Lehmer, MINSTD). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
