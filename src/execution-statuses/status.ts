import type { Execution } from '../step-functions/execution.ts';

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
   * resolves to the last known state instead. Throws like `get`.
   */
  waitForChange(
    execution: Execution,
    signal: AbortSignal,
    caller: string,
  ): Promise<Pick<Status, 'execution'>>;
  /**
   * Notes when StartExecution is sent. The returned function records its response: the execution is
   * then known to be running, without a call.
   */
  noteStart(): (started: Pick<Execution, 'executionArn' | 'startDate'>) => void;
  /** Records a state that a DescribeExecution call for another purpose has returned. */
  noteDescribed(execution: Execution): void;
  /**
   * Makes a DescribeExecution call for another purpose within the same budget.
   *
   * @throws {BudgetExhausted} there was no token in time
   * @throws the errors of the call
   */
  withinDescribeBudget<T>(call: () => Promise<T>, caller: string): Promise<T>;
  /** Returns the known status to callers who wait for an end, and from now on does not wait for one. */
  release(): void;
  statistics(): StatusStatistics;
  /** Like `release`; callers without a known status get an error. Makes no more calls. */
  close(): void;
}

/** Where an observed state came from. `feed`: from the table, after the feed reported a change. */
export type Source = 'table' | 'feed' | 'description';

/**
 * Where a status came from: `memory`; a source that the caller waited for; or `lastKnown`, which is
 * older than wanted, because neither the table nor the budget had a newer one.
 */
export type StatusSource = Source | 'memory' | 'lastKnown';

export interface StatusStatistics {
  /** Statuses returned so far. */
  readonly returned: Readonly<Record<StatusSource, number>>;
  /** Callers whose responses are held now. */
  readonly held: number;
  /** Executions whose status is in memory. */
  readonly known: number;
  readonly describeTokens: number;
  /** Failed calls so far, except throttled DescribeExecution calls. */
  readonly failures: Readonly<Record<StatusOperation, number>>;
  /** Seconds since the feed was last read; 0 while nobody needs it. */
  readonly feedAgeSeconds: number;
}
