/**
 * The statuses of executions, for any number of callers and processes.
 *
 * Step Functions pushes every change into the status table. An execution that somebody asks for is
 * read from there, and whoever waits for its end is released once the feed of changes reports it:
 * one query twice a second, however many wait. What the table does not know is described, and so is
 * everything while the table fails. DescribeExecution's quota is the account's, and 10 or 15 a
 * second, so these calls go by a budget (src/call-budget); callers beyond it get the last known
 * status and its age.
 *
 * What is known is in known-executions.ts; transitions.ts is what becomes of an execution that is
 * asked for. While nobody asks, no timer runs and no call is made.
 */

import { createCallBudget } from '../call-budget/call-budget.ts';
import { BudgetExhausted } from '../call-budget/errors.ts';
import { createTurns } from '../call-budget/turns.ts';
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

/** How long a poll is held for news, if it can have an older status instead. */
const NEWS_HELD_MILLISECONDS = 2000;
/** The same where it has to wait for its turn to be described. */
const TURN_HELD_SECONDS = 1.5;
/** How long a caller is held where there is no older status; gateways give up at about 30 s. */
const FIRST_HELD_MILLISECONDS = 20_000;
/** Executions for which callers are held in this way. More would not be served in that time. */
const FIRST_HELD_MAX = 10_000;
const STREAM_HELD_MILLISECONDS = 60_000;
/** A start that takes longer says too little of now; well within the feed's overlap. */
const START_MILLISECONDS = 2000;

/**
 * @param options.describe DescribeExecution, one attempt; fails with a {@link StepFunctionsError}
 * @param options.table without one, every status is described
 * @param options.describeRate DescribeExecution calls a second that this process may make
 * @param options.describeBurst such calls at once
 * @param options.onFailure called with the first of several failures of an operation in a row
 * @param options.random in [0, 1); spreads the times at which callers are asked to come back
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
  const replays = createTurns(budget, 'replay', clock);
  const feed = createFeed({
    query: operations.query,
    clock,
    onChange: (change) => transitions.report(change),
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

  function respond(known: Known, source: StatusSource): Status {
    given[source] += 1;
    const { execution } = known;
    if (!isRunning(execution)) return { execution, ageSeconds: ageSeconds(known) };
    const retryAfterSeconds = retryAfter(known, watched.get(execution.executionArn));
    return { execution, ageSeconds: ageSeconds(known), retryAfterSeconds };
  }

  /** Whether it is worth holding a poll for news. */
  function isNewsNear({ state }: Watched, { observedAt }: Known, caller: string): boolean {
    const isUnderWay = state === 'describing' || state === 'reading';
    if (isUnderWay || transitions.isTableAvailable()) return true;
    const places = Math.ceil(rate * TURN_HELD_SECONDS);
    return budget.isNear('refresh', { since: observedAt, caller }, places);
  }

  function isRoomFor(last: Known | undefined): boolean {
    return !isClosed && (last !== undefined || watched.unknown < FIRST_HELD_MAX);
  }

  /** The status, held until it {@link isEnough} or the time has passed. */
  async function look(
    executionArn: string,
    aboveRank: number,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status> {
    signal.throwIfAborted();
    feed.need();
    const last = executions.get(executionArn);
    if (last && isCurrent(last) && isEnough(last, aboveRank)) return respond(last, 'memory');
    if (!last && executions.isNotFound(executionArn)) throw new StepFunctionsError('not-found');
    const entry = isRoomFor(last) ? watched.watch(executionArn, last) : undefined;
    if (entry === undefined) {
      if (last) return respond(last, 'lastKnown');
      throw new BudgetExhausted(retryAfter(undefined, undefined));
    }
    if (last && aboveRank === ANY_RANK && !isNewsNear(entry, last, caller)) {
      return respond(transitions.trust(entry, last), 'lastKnown');
    }
    return hold(entry, aboveRank, milliseconds, signal, caller);
  }

  async function hold(
    entry: Watched,
    aboveRank: number,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status> {
    const since = clock.now();
    let extensions = aboveRank === ANY_RANK ? 1 : 0;
    held += 1;
    const released = holdCaller(entry.callers, {
      id: caller,
      aboveRank,
      milliseconds,
      signal,
      clock,
      onTime() {
        // A poll's turn has come: its description is on its way.
        if (entry.state === 'describing' && extensions-- > 0) return NEWS_HELD_MILLISECONDS;
        if (entry.known) return transitions.trust(entry, entry.known);
        const patience = since + FIRST_HELD_MILLISECONDS - clock.now();
        if (patience > 0) return patience;
        throw new BudgetExhausted(retryAfter(undefined, entry));
      },
      onLeave() {
        held -= 1;
        transitions.leave(entry);
      },
    });
    if (entry.known && isCurrent(entry.known)) transitions.follow(entry);
    else transitions.ask(entry);
    const known = await released;
    if (known.observedAt >= since) return respond(known, known.source);
    return respond(known, isCurrent(known) ? 'memory' : 'lastKnown');
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
    look(executionArn, ANY_RANK, NEWS_HELD_MILLISECONDS, signal, caller);

  return {
    get: poll,

    wait: (executionArn, milliseconds, signal, caller) =>
      isReleased
        ? poll(executionArn, signal, caller)
        : look(executionArn, END_ONLY, milliseconds, signal, caller),

    async *watch(executionArn, signal, caller) {
      let rank = ANY_RANK;
      for (let held = NEWS_HELD_MILLISECONDS; ; held = STREAM_HELD_MILLISECONDS) {
        const status = await look(executionArn, rank, held, signal, caller);
        const { execution, retryAfterSeconds } = status;
        if (rankOf(execution) > rank) yield status;
        if (!isRunning(execution) || isReleased) return;
        // Otherwise it could not be held.
        if (rank !== ANY_RANK && !watched.get(executionArn)) {
          throw new BudgetExhausted(retryAfterSeconds ?? 1);
        }
        rank = rankOf(execution);
      }
    },

    noteStart() {
      feed.need();
      const sentAt = clock.now();
      return ({ executionArn, startDate }) => {
        // The feed may have reported its end before anybody knew of it.
        if (table && clock.now() - sentAt > START_MILLISECONDS) return;
        transitions.note({ executionArn, startDate, status: 'RUNNING' }, sentAt, 'start');
      };
    },

    noteDescribed: (execution) => transitions.note(execution, clock.now(), 'description'),

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
