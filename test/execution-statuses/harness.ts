import { createExecutionStatuses } from '../../src/execution-statuses/execution-statuses.ts';
import type { ExecutionStatuses, Status } from '../../src/execution-statuses/status.ts';
import type { StatusTable } from '../../src/status-table/status-table.ts';
import { type SimulatedStepFunctions, simulateStepFunctions } from './simulated-step-functions.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface Harness {
  readonly clock: VirtualClock;
  readonly aws: SimulatedStepFunctions;
  readonly statuses: ExecutionStatuses;
  readonly failures: [operation: string, error: unknown][];
  /** Polls, and lets time pass until the response. */
  get(executionArn: string): Promise<Status>;
  /** Polls, without letting time pass. */
  poll(executionArn: string, caller?: string): Promise<Status>;
  wait(executionArn: string, milliseconds: number, caller?: string): Promise<Status>;
  /** Lets time pass until the promise settles. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

/** A signal for a few callers that do not disconnect. With many, its listeners would be slow. */
export const never = new AbortController().signal;

export const callerId = 'caller';

export function createHarness(
  options: Omit<Parameters<typeof simulateStepFunctions>[0], 'clock'> & {
    rate?: number;
    burst?: number;
    table?: (clock: VirtualClock) => StatusTable;
    /** Milliseconds by which the time of day of this process is ahead. */
    skew?: number;
  } = {},
): Harness {
  const clock = createVirtualClock();
  const aws = simulateStepFunctions({ ...options, clock });
  const failures: Harness['failures'] = [];
  const statuses = createExecutionStatuses({
    describe: aws.describe,
    table: options.table?.(clock),
    describeRate: options.rate ?? 10,
    describeBurst: options.burst ?? 50,
    clock: { ...clock, epoch: () => clock.epoch() + (options.skew ?? 0) },
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

  const poll = (executionArn: string, caller = callerId) =>
    statuses.get(executionArn, new AbortController().signal, caller);
  return {
    clock,
    aws,
    statuses,
    failures,
    settle,
    poll,
    get: (executionArn) => settle(poll(executionArn)),
    wait: (executionArn, milliseconds, caller = callerId) =>
      statuses.wait(executionArn, milliseconds, new AbortController().signal, caller),
  };
}

/** Returns the same sequence of numbers in [0, 1) in every run (Lehmer, MINSTD). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
