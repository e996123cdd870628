import type { Execution } from '../step-functions/execution.ts';
import type { Source } from './known-executions.ts';

export interface Status {
  readonly execution: Execution;
  /** Whole seconds since the status was last confirmed. */
  readonly ageSeconds: number;
  /** In how many whole seconds to ask again; only while the execution runs. */
  readonly retryAfterSeconds?: number;
}

export type StatusOperation = 'DescribeExecution' | 'BatchGetItem' | 'Query';

export interface ExecutionStatuses {
  /**
   * Returns the newest status available.
   *
   * @param caller the describe budget is shared fairly among callers
   * @throws {StepFunctionsError} `not-found`, or another failure of DescribeExecution if there is no
   *   recent status
   * @throws {BudgetExhausted} no status is known, and there was no token in time
   * @throws the reason of the aborted signal
   */
  get(executionArn: string, signal: AbortSignal, caller: string): Promise<Status>;
  /** Like `get`, but waits until the execution has ended or the time has passed. */
  wait(
    executionArn: string,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status>;
  /**
   * Waits for a later state of a running execution, without a time limit. When `release` is called,
   * resolves to the last known state, which is no later. Throws like `get`.
   */
  waitForChange(
    execution: Execution,
    signal: AbortSignal,
    caller: string,
  ): Promise<Pick<Status, 'execution'>>;
  /**
   * Call this before StartExecution, and the returned function with its response. The execution is
   * then known to be running, without a call.
   */
  noteStart(): (started: Pick<Execution, 'executionArn' | 'startDate'>) => void;
  /** Records a state that another DescribeExecution call has returned. */
  noteDescribed(execution: Execution): void;
  /**
   * Makes a DescribeExecution call for another purpose within the same budget.
   *
   * @throws {BudgetExhausted} there was no token in time
   * @throws the errors of the call
   */
  withinDescribeBudget<T>(call: () => Promise<T>, caller: string): Promise<T>;
  /** For shutdown: ends all waits for the end of an execution, and makes no further ones. */
  release(): void;
  statistics(): StatusStatistics;
  /** Releases all waiting callers, and makes no more calls. */
  close(): void;
}

/**
 * Where a status came from: `memory`; a `start`, `table`, `feed` or `description` that the caller waited for;
 * or `lastKnown`, which is older than wanted, because neither the table nor the budget had a newer
 * one.
 */
export type StatusSource = Source | 'memory' | 'lastKnown';

export interface StatusStatistics {
  /** Statuses returned so far. */
  readonly given: Readonly<Record<StatusSource, number>>;
  /** Callers whose responses are held now. */
  readonly held: number;
  readonly watched: number;
  readonly known: { readonly running: number; readonly ended: number; readonly endedBytes: number };
  readonly describeTokens: number;
  /** Failed calls so far, except throttled DescribeExecution calls. */
  readonly failures: Readonly<Record<StatusOperation, number>>;
  /** Seconds since the feed was last read; 0 while nobody needs it. */
  readonly feedAgeSeconds: number;
}
