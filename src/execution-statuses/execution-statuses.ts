/**
 * What executions are doing, for any number of callers, within a fixed budget of AWS calls.
 *
 * Only DescribeExecution gives an execution's output, and AWS admits ten or fifteen a second. So
 * every answer is kept (known-executions.ts): an ended one for good, a running one as the last
 * known. An execution that somebody asks for is watched, and queues for news
 * (watched-executions.ts). While few do, they are described one by one (describer.ts). When that
 * would take longer than to read the list of running executions, 1,000 a page, the list is read
 * (sweeper.ts, sweep.ts): whatever it shows still runs, and only the rest is described. Token
 * buckets (token-bucket.ts) keep both kinds of call within budget. A caller beyond it gets the last
 * known answer and its age; only for an execution never seen before is there nothing but patience.
 * All of it moves in `advance` (refresher.ts): when a caller asks, when a call comes back, when the
 * one alarm rings. While nobody asks, no alarm is set and no call is made.
 */

import { StepFunctionsError } from '../step-functions/errors.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import { type Clock, systemClock } from './clock.ts';
import { StatusNotYetKnown } from './errors.ts';
import { hold } from './hold.ts';
import { createKnownExecutions, hasEnded, type Known } from './known-executions.ts';
import { createRefresher, type RefresherStatistics, type StatusBudgets } from './refresher.ts';
import type { StatusCalls, StatusOperation } from './status-calls.ts';
import { createWatchedExecutions, type Watched } from './watched-executions.ts';

/** A running execution's answer younger than this is given without asking again. */
const FRESH_MILLISECONDS = 500;
/** How long a poll waits for a call under way, if it can have an older answer instead. */
const NEWER_AWAITED_MILLISECONDS = 2000;
/** How long a caller waits where there is no older answer; gateways give up at about 30 s. */
const FIRST_AWAITED_MILLISECONDS = 20_000;
/** Executions that may be waited for in this way. More would not be served in that time anyway. */
const FIRST_AWAITED_MAX = 10_000;
const LONGEST_RETRY_AFTER_SECONDS = 30;

export interface StatusAnswer {
  readonly execution: Execution;
  /** Whole seconds since Step Functions was asked. */
  readonly ageSeconds: number;
  /** When it is worth asking again, in whole seconds; only while the execution runs. */
  readonly retryAfterSeconds?: number;
}

export interface ExecutionStatuses {
  /**
   * The newest answer that the budget allows.
   *
   * @throws {StepFunctionsError} `not-found`, or DescribeExecution's failure where no status known
   *   is recent enough
   * @throws {StatusNotYetKnown} the budget did not reach an execution never seen before
   * @throws the signal's reason
   */
  get(executionArn: string, signal: AbortSignal): Promise<StatusAnswer>;
  /** As `get`, but holds the answer until the execution has ended or the time has passed. */
  wait(executionArn: string, milliseconds: number, signal: AbortSignal): Promise<StatusAnswer>;
  /** Takes in what StartExecution answered, which spares a call to find it out. */
  noteStarted(execution: Pick<Execution, 'executionArn' | 'startDate'>): void;
  /**
   * Makes a DescribeExecution call of another kind, one attempt, within the same budget: as many of
   * them as of those for statuses, where both are wanted. `close` does not end it.
   *
   * @throws {StatusNotYetKnown} there was no token for it in time
   * @throws what the call threw
   */
  withinDescribeBudget<T>(call: () => Promise<T>): Promise<T>;
  /** Lets those who wait for an end go with the next answer, now and from now on. */
  release(): void;
  statistics(): StatusStatistics;
  /** Gives everybody who waits the last known answer, and makes no more calls. */
  close(): void;
}

/**
 * Where an answer came from: the memory, of an `ended` execution or a `fresh` one of a running one;
 * a call it `awaited`; or the memory because there was no token, `beyondBudget`.
 */
type AnswerSource = 'ended' | 'fresh' | 'awaited' | 'beyondBudget';

export interface StatusStatistics extends RefresherStatistics {
  /** Answers given so far. */
  readonly answers: Readonly<Record<AnswerSource, number>>;
  /** Callers that wait at the moment. */
  readonly waiting: number;
  readonly watched: number;
  readonly known: { readonly running: number; readonly ended: number; readonly endedBytes: number };
}

/**
 * @param options.budgets what this process may call; every attempt counts
 * @param options.onFailure hears of the first of a row of failed calls. Without ListExecutions
 *   answers grow older, but stay right; without DescribeExecution the last known ones are given for
 *   up to a minute.
 * @param options.random in [0, 1); spreads callers who are told to come back
 */
export function createExecutionStatuses(options: {
  calls: StatusCalls;
  budgets: StatusBudgets;
  onFailure(operation: StatusOperation, error: unknown): void;
  clock?: Clock;
  random?: () => number;
}): ExecutionStatuses {
  const { calls, budgets, onFailure, clock = systemClock, random = Math.random } = options;
  const known = createKnownExecutions(clock);
  const watched = createWatchedExecutions(clock);
  const refresher = createRefresher({ calls, budgets, clock, known, watched, onFailure });
  const { unseen, missing, inFlight } = watched.queues;
  const answers: Record<AnswerSource, number> = { ended: 0, fresh: 0, awaited: 0, beyondBudget: 0 };
  let waiting = 0;
  let isReleased = false;
  let isClosed = false;

  function answer(from: AnswerSource, { execution, observedAt }: Known): StatusAnswer {
    answers[from] += 1;
    const ageSeconds = Math.floor((clock.now() - observedAt) / 1000);
    if (!isRunning(execution)) return { execution, ageSeconds };
    return { execution, ageSeconds, retryAfterSeconds: retryAfterSeconds() };
  }

  /** Longer for some than for others, so that those who came together do not come back together. */
  function retryAfterSeconds(): number {
    const seconds = Math.max(1, refresher.secondsUntilNews()) * (1 + random() / 2);
    return Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.round(seconds));
  }

  /**
   * The answer that needs no call, or else the execution, now watched, that needs one.
   *
   * @throws {StepFunctionsError} `not-found`: it was not there a moment ago
   * @throws {StatusNotYetKnown} more executions wait for their first answer than can be served
   */
  function look(executionArn: string, signal: AbortSignal): StatusAnswer | Watched {
    signal.throwIfAborted();
    const last = known.get(executionArn);
    if (last !== undefined && hasEnded(last)) return answer('ended', last);
    if (!last && known.isNotFound(executionArn)) throw new StepFunctionsError('not-found');
    const isUnseen = last === undefined && watched.get(executionArn) === undefined;
    const hasRoom = !isUnseen || unseen.size + missing.size < FIRST_AWAITED_MAX;
    const entry = hasRoom && !isClosed ? watched.watch(executionArn, last) : undefined;
    if (entry !== undefined) return entry;
    if (last !== undefined) return answer('beyondBudget', last);
    throw new StatusNotYetKnown(retryAfterSeconds());
  }

  async function awaited(
    entry: Watched,
    untilEnded: boolean,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<StatusAnswer> {
    const since = clock.now();
    waiting += 1;
    const news = hold(entry, {
      untilEnded,
      milliseconds,
      signal,
      clock,
      onTime() {
        if (entry.known !== undefined) return trusted(entry, entry.known);
        const patience = since + FIRST_AWAITED_MILLISECONDS - clock.now();
        if (patience > 0) return patience;
        throw new StatusNotYetKnown(retryAfterSeconds());
      },
      onLeave() {
        waiting -= 1;
        if (entry.callers.size > 0) return;
        if (entry.queue === unseen || entry.queue === missing) watched.unwatch(entry);
      },
    });
    refresher.follow(entry);
    refresher.advance();
    return answer('awaited', await news);
  }

  /** @throws why there has been no newer answer for too long */
  function trusted(entry: Watched, last: Known): Known {
    if (refresher.isTrusted(entry)) return last;
    throw entry.failure;
  }

  const isFresh = ({ observedAt }: Known) => clock.now() - observedAt < FRESH_MILLISECONDS;

  async function get(executionArn: string, signal: AbortSignal): Promise<StatusAnswer> {
    const entry = look(executionArn, signal);
    if (!('callers' in entry)) return entry;
    const last = entry.known;
    if (last !== undefined && isFresh(last)) return answer('fresh', last);
    refresher.demand(entry);
    if (last === undefined) return awaited(entry, false, FIRST_AWAITED_MILLISECONDS, signal);
    refresher.advance();
    if (entry.queue === inFlight) return awaited(entry, false, NEWER_AWAITED_MILLISECONDS, signal);
    return answer('beyondBudget', trusted(entry, last));
  }

  return {
    get,

    async wait(executionArn, milliseconds, signal) {
      if (isReleased) return get(executionArn, signal);
      const entry = look(executionArn, signal);
      if (!('callers' in entry)) return entry;
      if (entry.known === undefined || !isFresh(entry.known)) refresher.demand(entry);
      return awaited(entry, true, milliseconds, signal);
    },

    noteStarted({ executionArn, startDate }) {
      const news = known.record({ executionArn, startDate, status: 'RUNNING' }, clock.now());
      const entry = watched.get(executionArn);
      if (entry !== undefined) refresher.learn(entry, news);
    },

    release() {
      isReleased = true;
      for (const entry of watched.values()) {
        for (const caller of entry.callers) {
          caller.untilEnded = false;
          if (entry.known !== undefined) caller.settle(entry.known);
        }
      }
    },

    withinDescribeBudget: (call) => refresher.errands.run(call),

    statistics: () => ({
      ...refresher.statistics(),
      answers: { ...answers },
      waiting,
      watched: watched.size,
      known: known.sizes(),
    }),

    close() {
      isClosed = true;
      refresher.close();
      for (const entry of watched.values()) {
        for (const caller of entry.callers) {
          if (entry.known !== undefined) caller.settle(entry.known);
          else caller.fail(new StatusNotYetKnown(retryAfterSeconds()));
        }
      }
    },
  };
}
