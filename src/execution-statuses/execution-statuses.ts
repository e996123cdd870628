/**
 * The statuses of executions, for any number of callers and processes.
 *
 * Every status change is pushed to the status table. A status that a caller asks for is read from
 * there. Callers who wait for a change are released when the feed of changes reports it. The feed is
 * one query twice a second, however many callers wait. Executions that are not in the table are
 * described, and all executions are while the table fails. The quota of DescribeExecution is 10 or
 * 15 calls a second for the whole account, so these calls have a budget (src/call-budget). Beyond
 * it, callers get the last known status and its age.
 *
 * known-executions.ts caches the known states. transitions.ts moves each requested execution through
 * its states. While no caller asks, no timer runs and no call is made.
 */

import { createCallBudget } from '../call-budget/call-budget.ts';
import { createCallQueue } from '../call-budget/call-queue.ts';
import { BudgetExhausted } from '../call-budget/errors.ts';
import { type Clock, systemClock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import type { StatusTable } from '../status-table/status-table.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import { createFeed } from './feed.ts';
import { createFreshness } from './freshness.ts';
import { ANY_RANK, END_ONLY, type HeldCaller, holdCaller, isEnough } from './held-caller.ts';
import { createKnownExecutions, type Known } from './known-executions.ts';
import { createRetryAfter } from './retry-after.ts';
import type { ExecutionStatuses, Status, StatusOperation, StatusSource } from './status.ts';
import { createStatusOperations } from './status-operations.ts';
import { createTransitions } from './transitions.ts';
import { createWatchedExecutions, type Watched } from './watched-executions.ts';

/** How long `get` waits for a newer status if an older one is known. */
const NEWER_STATUS_HELD_MILLISECONDS = 2000;
/** Without the table, `get` waits only if the describe budget has a token for it within this time. */
const QUEUED_HELD_SECONDS = 1.5;
/** How long a caller waits if no status is known. Many gateways time out after 30 s. */
const UNKNOWN_HELD_MILLISECONDS = 20_000;
/** The limit of executions without a known status. More could not be described in that time. */
const UNKNOWN_HELD_MAX = 10_000;
/** After a slower start, the execution may have ended. Well within the overlap of the feed. */
const START_MILLISECONDS = 2000;

/**
 * @param options.describe calls DescribeExecution once; rejects with a {@link StepFunctionsError}
 * @param options.table without it, every status is described
 * @param options.describeRate DescribeExecution calls that this process may make per second
 * @param options.describeBurst DescribeExecution calls that it may make at once
 * @param options.onFailure called with the first of several failures of an operation in a row
 * @param options.random returns a number in [0, 1); adds jitter to `Retry-After`
 */
export function createExecutionStatuses(options: {
  describe(executionArn: string, signal: AbortSignal): Promise<Execution>;
  table?: StatusTable | undefined;
  describeRate: number;
  describeBurst: number;
  onFailure(operation: StatusOperation, error: unknown): void;
  clock?: Clock;
  random?: () => number;
}): ExecutionStatuses {
  const { table, describeRate: rate, describeBurst: burst } = options;
  const { clock = systemClock, random = Math.random } = options;
  const operations = createStatusOperations({ ...options, clock });
  const executions = createKnownExecutions(clock);
  const watched = createWatchedExecutions(clock);
  const lanes = ['first', 'refresh', 'replay'] as const;
  const budget = createCallBudget({ lanes, rate, burst, clock });
  const replays = createCallQueue(budget, 'replay', clock);
  const feed = createFeed({
    query: operations.query,
    clock,
    onChange: (change) => transitions.onChange(change),
    isNeeded: () => held > 0,
  });
  const { isCurrent, ageSeconds } = createFreshness(clock, feed);
  const parts = { clock, executions, watched, feed, budget };
  const transitions = createTransitions({ ...parts, ...operations });
  const retryAfter = createRetryAfter({ clock, watched, transitions, rate, random });
  const given = { start: 0, memory: 0, table: 0, feed: 0, description: 0, lastKnown: 0 };
  let held = 0;
  let isReleased = false;
  let isClosed = false;

  function toStatus(known: Known, source: StatusSource): Status {
    given[source] += 1;
    const { execution } = known;
    if (!isRunning(execution)) return { execution, ageSeconds: ageSeconds(known) };
    const retryAfterSeconds = retryAfter(known, watched.get(execution.executionArn));
    return { execution, ageSeconds: ageSeconds(known), retryAfterSeconds };
  }

  /** Whether `get` is likely to get a newer status soon, so that it should wait. */
  function isNewerStatusNear({ state }: Watched, { observedAt }: Known, caller: string): boolean {
    const isInFlight = state === 'describing' || state === 'reading';
    if (isInFlight || transitions.isTableAvailable()) return true;
    const places = Math.ceil(rate * QUEUED_HELD_SECONDS);
    return budget.isNear('refresh', { since: observedAt, caller }, places);
  }

  /** Returns its entry; `undefined` if no more can be watched. Throws if it was just not found. */
  function watch(executionArn: string, last: Known | undefined): Watched | undefined {
    if (!last && executions.isNotFound(executionArn)) throw new StepFunctionsError('not-found');
    const canWatch = !isClosed && (last !== undefined || watched.unknown < UNKNOWN_HELD_MAX);
    return canWatch ? watched.watch(executionArn, last) : undefined;
  }

  /** Returns the status when it {@link isEnough}, or when the time has passed. */
  async function statusAbove(
    executionArn: string,
    aboveRank: number,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status> {
    signal.throwIfAborted();
    feed.need();
    const last = executions.get(executionArn);
    if (last && isCurrent(last) && isEnough(last, aboveRank)) return toStatus(last, 'memory');
    const entry = watch(executionArn, last);
    if (entry === undefined) {
      if (last) return toStatus(last, 'lastKnown');
      throw new BudgetExhausted(retryAfter(undefined, undefined));
    }
    if (last && aboveRank === ANY_RANK && !isNewerStatusNear(entry, last, caller)) {
      return toStatus(transitions.recentOrThrow(entry, last), 'lastKnown');
    }
    return waitForStatus(entry, aboveRank, milliseconds, signal, caller);
  }

  /** Holds a caller until the status {@link isEnough}. */
  function hold(
    entry: Watched,
    caller: Pick<Parameters<typeof holdCaller>[1], 'id' | 'aboveRank' | 'timeout' | 'signal'>,
  ): Promise<Known> {
    held += 1;
    const released = holdCaller(entry.callers, {
      ...caller,
      clock,
      onLeave() {
        held -= 1;
        transitions.onCallerLeft(entry);
      },
    });
    if (entry.known && isCurrent(entry.known)) transitions.awaitChange(entry);
    else transitions.refresh(entry);
    return released;
  }

  async function waitForStatus(
    entry: Watched,
    aboveRank: number,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status> {
    const since = clock.now();
    let extensions = aboveRank === ANY_RANK ? 1 : 0;
    const onTimeout = () => {
      // A DescribeExecution call is in flight, so wait for its response.
      if (entry.state === 'describing' && extensions-- > 0) return NEWER_STATUS_HELD_MILLISECONDS;
      if (entry.known) return transitions.recentOrThrow(entry, entry.known);
      const left = since + UNKNOWN_HELD_MILLISECONDS - clock.now();
      if (left > 0) return left;
      throw new BudgetExhausted(retryAfter(undefined, entry));
    };
    const timeout = { milliseconds, onTimeout };
    const known = await hold(entry, { id: caller, aboveRank, timeout, signal });
    if (known.observedAt >= since) return toStatus(known, known.source);
    return toStatus(known, isCurrent(known) ? 'memory' : 'lastKnown');
  }

  function releaseAll(withoutStatus: (caller: HeldCaller) => void): void {
    for (const { callers, known } of watched.values()) {
      for (const caller of callers) {
        if (known) caller.release(known);
        else withoutStatus(caller);
      }
    }
  }

  const poll: ExecutionStatuses['get'] = (executionArn, signal, caller) =>
    statusAbove(executionArn, ANY_RANK, NEWER_STATUS_HELD_MILLISECONDS, signal, caller);

  return {
    get: poll,

    wait: (executionArn, milliseconds, signal, caller) =>
      isReleased
        ? poll(executionArn, signal, caller)
        : statusAbove(executionArn, END_ONLY, milliseconds, signal, caller),

    waitForChange(execution, signal, caller) {
      signal.throwIfAborted();
      if (isReleased) return Promise.resolve({ execution });
      feed.need();
      const aboveRank = rankOf(execution);
      const last = executions.get(execution.executionArn);
      const entry = watch(execution.executionArn, last);
      if (entry === undefined) throw new BudgetExhausted(retryAfter(last, undefined));
      if (last && isCurrent(last) && isEnough(last, aboveRank)) return Promise.resolve(last);
      return hold(entry, { id: caller, aboveRank, signal });
    },

    noteStart() {
      feed.need();
      const sentAt = clock.now();
      const sentDate = clock.epoch();
      return ({ executionArn, startDate }) => {
        // An earlier request started it, and it may have been redriven since.
        if (startDate.getTime() < sentDate - START_MILLISECONDS) return;
        // The feed may have reported the end before this process knew the execution.
        if (table && clock.now() - sentAt > START_MILLISECONDS) return;
        transitions.onObserved({ executionArn, startDate, status: 'RUNNING' }, sentAt, 'start');
      };
    },

    noteDescribed: (execution) => transitions.onObserved(execution, clock.now(), 'description'),

    withinDescribeBudget: replays.run,

    release() {
      isReleased = true;
      releaseAll((caller) => {
        caller.aboveRank = ANY_RANK;
      });
    },

    statistics: () => ({
      given: { ...given },
      held,
      watched: watched.size,
      known: executions.sizes(),
      describeTokens: budget.tokens(),
      feedAgeSeconds: feed.ageSeconds(),
      failures: operations.failures(),
    }),

    close() {
      isClosed = isReleased = true;
      for (const part of [transitions, feed, budget, replays]) part.close();
      operations.cancel();
      releaseAll((caller) => caller.fail(new BudgetExhausted(1)));
    },
  };
}
