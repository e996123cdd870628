import type { Execution } from '../step-functions/execution.ts';
import type { Source } from './known-executions.ts';

export interface Status {
  readonly execution: Execution;
  /** Whole seconds since this was last confirmed. */
  readonly ageSeconds: number;
  /** When it is worth asking again, in whole seconds; only while the execution runs. */
  readonly retryAfterSeconds?: number;
}

export type StatusOperation = 'DescribeExecution' | 'BatchGetItem' | 'Query';

export interface ExecutionStatuses {
  /**
   * The newest status that can be had.
   *
   * @param caller who asks: the describe budget is shared fairly among callers
   * @throws {StepFunctionsError} `not-found`; or another failure of DescribeExecution where there is
   *   no recent status instead
   * @throws {BudgetExhausted} nothing is known, and the budget did not reach this execution
   * @throws the signal's reason
   */
  get(executionArn: string, signal: AbortSignal, caller: string): Promise<Status>;
  /** As `get`, but held until the execution has ended or the time has passed. */
  wait(
    executionArn: string,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status>;
  /**
   * The status, and every change of it until the execution has ended or `release` is called. Costs
   * no more than a `wait`. Throws as `get`.
   */
  watch(executionArn: string, signal: AbortSignal, caller: string): AsyncGenerator<Status, void>;
  /**
   * To be called before StartExecution is sent. Returns what to call with its response, by which no
   * call is needed to know that the execution runs.
   */
  noteStart(): (started: Pick<Execution, 'executionArn' | 'startDate'>) => void;
  /** Takes note of an end that DescribeExecution returned elsewhere. */
  noteDescribed(execution: Execution): void;
  /**
   * Makes a DescribeExecution call of another kind within the same budget; see {@link Replays}.
   *
   * @throws {BudgetExhausted} there was no token for it in time
   * @throws what the call throws
   */
  withinDescribeBudget<T>(call: () => Promise<T>, caller: string): Promise<T>;
  /** Holds no response for the end any more, now and from now on. */
  release(): void;
  statistics(): StatusStatistics;
  /** Responds to all who are held, and makes no more calls. */
  close(): void;
}

/**
 * Where a status came from: `memory`; `table`, `feed` or `description` of a caller who was held for
 * it; `lastKnown`: older than it should be, as there was neither a table nor a token.
 */
export type StatusSource = Source | 'memory' | 'lastKnown';

export interface StatusStatistics {
  /** Statuses given so far. */
  readonly given: Readonly<Record<StatusSource, number>>;
  /** Callers whose responses are held at the moment. */
  readonly held: number;
  readonly watched: number;
  readonly known: { readonly running: number; readonly ended: number; readonly endedBytes: number };
  readonly describeTokens: number;
  /** Failed calls so far; throttled ones are not among those of DescribeExecution. */
  readonly failures: Readonly<Record<StatusOperation, number>>;
  /** Since the feed was last read; 0 while nobody needs it. */
  readonly feedAgeSeconds: number;
}
