import { failureOf } from '../step-functions/errors.ts';
import type { Execution } from '../step-functions/execution.ts';
import { createAlarm } from './alarm.ts';
import type { Clock } from './clock.ts';
import { createDescriber } from './describer.ts';
import type { Errands } from './errands.ts';
import { hasEnded, type Known, type KnownExecutions } from './known-executions.ts';
import { cancellable, type StatusCalls, type StatusOperation } from './status-calls.ts';
import { createSweeper } from './sweeper.ts';
import { createTokenBucket } from './token-bucket.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

/** How often an execution is asked about for those who wait for its end, at best. */
const REFRESH_MILLISECONDS = 1000;
/** How old an answer may be while calls fail; beyond that the failure is the honest answer. */
const TRUSTED_MILLISECONDS = 60_000;
/** What exists may not be found yet: DescribeExecution is eventually consistent. */
const FOUND_AFTER_MILLISECONDS = 10_000;
/** Polls of running executions that one process should have to serve, whatever AWS allows. */
const POLLS_PER_SECOND = 500;

/** Calls per second, and at once, that this process may make. */
export interface StatusBudgets {
  readonly describeRate: number;
  readonly describeBurst: number;
  readonly listRate: number;
  readonly listBurst: number;
}

/** Brings news to the watched executions and to those who wait for them. */
export interface Refresher {
  /** Queues an execution for news. `advance` then gets them, as far as the budget goes. */
  demand(entry: Watched): void;
  /** Asks again, while somebody waits for the end, once the answer is no longer new. */
  follow(entry: Watched): void;
  /** Takes in an answer. */
  learn(entry: Watched, known: Known): void;
  /** Does all that is due. */
  advance(): void;
  /** False where calls have failed for so long that `failure` is the honest answer. */
  isTrusted(entry: Watched): boolean;
  /** Seconds after which there is likely to be news of a running execution. */
  secondsUntilNews(): number;
  /** DescribeExecution calls for other ends, within the same budget. */
  readonly errands: Errands;
  statistics(): RefresherStatistics;
  close(): void;
}

export interface RefresherStatistics {
  readonly describeCalls: number;
  readonly describesThrottled: number;
  readonly describeTokens: number;
  readonly listCalls: number;
  readonly listsThrottled: number;
  readonly listTokens: number;
}

export function createRefresher(options: {
  calls: StatusCalls;
  budgets: StatusBudgets;
  clock: Clock;
  known: KnownExecutions;
  watched: WatchedExecutions;
  onFailure(operation: StatusOperation, error: unknown): void;
}): Refresher {
  const { budgets, clock, known, watched, onFailure } = options;
  const { queues } = watched;
  const { describeRate, describeBurst, listRate, listBurst } = budgets;
  const calls = cancellable(options.calls);
  const describeBudget = createTokenBucket({ rate: describeRate, burst: describeBurst, clock });
  const listBudget = createTokenBucket({ rate: listRate, burst: listBurst, clock });
  const sweeper = createSweeper({
    calls,
    clock,
    budget: listBudget,
    describeRate,
    known,
    watched,
    onListed: learn,
    onChange: advance,
    onFailure: (error) => onFailure('ListExecutions', error),
  });
  const describer = createDescriber({
    calls,
    clock,
    budget: describeBudget,
    sweeper,
    watched,
    onDescribed,
    onFailed,
    onChange: advance,
  });
  const alarm = createAlarm(clock, advance);
  let isClosed = false;
  let isDescribing = true;

  function advance(): void {
    if (isClosed) return;
    watched.prune();
    wakeRested();
    sweeper.advance();
    describer.advance();
    alarm.set(untilNext());
  }

  function wakeRested(): void {
    for (const entry of queues.resting) {
      if (untilRested(entry) > 0) return;
      watched.move(entry, undefined);
      if (entry.callers.size > 0) demand(entry);
    }
  }

  function untilRested(entry: Watched): number {
    return entry.queuedAt + REFRESH_MILLISECONDS - clock.now();
  }

  function untilNext(): number {
    const [resting] = queues.resting;
    const untilWoken = resting ? untilRested(resting) : Number.POSITIVE_INFINITY;
    return Math.min(untilWoken, sweeper.untilNext(), describer.untilNext());
  }

  function demand(entry: Watched): void {
    if (entry.queue !== undefined) return;
    if (entry.known === undefined) watched.move(entry, 'unseen');
    else watched.move(entry, entry.listing === 'unlisted' ? 'blind' : 'stale');
  }

  function follow(entry: Watched): void {
    if (entry.queue === undefined && entry.callers.size > 0) watched.move(entry, 'resting');
  }

  function learn(entry: Watched, news: Known): void {
    entry.known = news;
    entry.failure = undefined;
    // A call under way will tell more, and keeps its place; all else that was queued for is here.
    if (entry.queue !== queues.inFlight) watched.move(entry, undefined);
    if (!hasEnded(news)) {
      settlePolls(entry, news);
      follow(entry);
      return;
    }
    for (const caller of entry.callers) caller.settle(news);
    watched.unwatch(entry);
  }

  function onDescribed(
    entry: Watched,
    execution: Execution,
    askedAt: number,
    from: ReadonlySet<Watched>,
  ): void {
    isDescribing = true;
    const news = known.record(execution, askedAt);
    // The list does not show it, though it runs; nor does it ever show one that awaits its redrive.
    if (from === queues.ended || execution.status === 'PENDING_REDRIVE') entry.listing = 'unlisted';
    watched.move(entry, undefined);
    learn(entry, news);
  }

  function onFailed(entry: Watched, error: unknown, from: ReadonlySet<Watched>): void {
    if (isClosed) return;
    watched.move(entry, undefined);
    const failure = failureOf(error);
    switch (failure) {
      case 'throttled':
        if (entry.known === undefined) {
          awaitAgain(entry);
          return;
        }
        if (from === queues.ended) watched.move(entry, 'ended');
        break;
      case 'not-found':
        if (mayNotBeFoundYet(entry)) break;
        known.recordNotFound(entry.executionArn);
        failAll(entry, error);
        watched.unwatch(entry);
        return;
      case 'unavailable':
      case 'misconfigured':
      case 'already-exists':
      case 'outcome-unknown':
      case 'deadline-exceeded':
      case 'capacity-exhausted':
      case 'aborted':
      case 'unforeseen':
        entry.failure = error;
        if (isDescribing) onFailure('DescribeExecution', error);
        isDescribing = false;
        if (!isTrusted(entry)) failAll(entry, error);
        break;
      default:
        failure satisfies never;
    }
    if (entry.known === undefined) {
      watched.unwatch(entry);
      return;
    }
    settlePolls(entry, entry.known);
    follow(entry);
  }

  function awaitAgain(entry: Watched): void {
    if (entry.callers.size > 0) watched.move(entry, 'missing');
    else watched.unwatch(entry);
  }

  function failAll(entry: Watched, error: unknown): void {
    for (const caller of entry.callers) caller.fail(error);
  }

  function settlePolls(entry: Watched, answer: Known): void {
    for (const caller of entry.callers) {
      if (!caller.untilEnded) caller.settle(answer);
    }
  }

  function mayNotBeFoundYet({ known }: Watched): boolean {
    return known !== undefined && clock.now() - known.knownSince < FOUND_AFTER_MILLISECONDS;
  }

  function isTrusted({ known, failure }: Watched): boolean {
    if (known === undefined) return false;
    return failure === undefined || clock.now() - known.observedAt < TRUSTED_MILLISECONDS;
  }

  return {
    demand,
    follow,
    learn,
    advance,
    isTrusted,
    secondsUntilNews() {
      const backlog = (queues.missing.size + queues.ended.size) / describeRate;
      const toDescribe = watched.size / describeRate;
      const toRefresh = sweeper.isAvailable()
        ? Math.min(toDescribe, sweeper.interval())
        : toDescribe;
      return backlog + Math.max(toRefresh, watched.size / POLLS_PER_SECOND);
    },
    errands: describer.errands,
    statistics: () => ({
      ...describer.statistics(),
      ...sweeper.statistics(),
      describeTokens: describeBudget.tokens(),
      listTokens: listBudget.tokens(),
    }),
    close() {
      isClosed = true;
      alarm.cancel();
      describer.errands.close();
      calls.cancel();
    },
  };
}
