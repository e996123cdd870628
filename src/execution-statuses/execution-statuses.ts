/**
 * The statuses of executions, for any number of callers and processes.
 *
 * Step Functions pushes every change into the status table. An execution that somebody asks for is
 * read from there, and whoever waits for its end is released once the feed of changes reports it:
 * one query twice a second, however many wait. What the table does not know is described, and so is
 * everything while the table fails. DescribeExecution's quota is the account's, and 10 or 15 a
 * second, so these calls go by a budget (describe-budget.ts); callers beyond it get the last known
 * status and its age.
 *
 * What is known is in known-executions.ts; transitions.ts is what becomes of an execution that is
 * asked for. While nobody asks, no timer runs and no call is made.
 */

import { rankOf } from '../status-table/rank.ts';
import type { StatusTable } from '../status-table/status-table.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDescribeBudget } from './describe-budget.ts';
import { StatusNotYetKnown } from './errors.ts';
import { createFeed } from './feed.ts';
import { ANY_RANK, END_ONLY, holdCaller, isEnough } from './hold.ts';
import { createKnownExecutions, isBehind, type Known } from './known-executions.ts';
import { createOperation } from './operation.ts';
import { createReplays } from './replays.ts';
import type { ExecutionStatuses, Status, StatusOperation, StatusSource } from './status.ts';
import { createTransitions } from './transitions.ts';
import { createWatchedExecutions, type Watched } from './watched-executions.ts';

/** A running execution's status younger than this is given without asking again. */
const FRESH_MILLISECONDS = 500;
/** The same where the feed would have reported a change. */
const COVERED_MILLISECONDS = 30_000;
/** A failed execution can be redriven by an operator; one that succeeded is over for good. */
const UNSUCCESSFUL_MILLISECONDS = 120_000;
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
const LONGEST_RETRY_AFTER_SECONDS = 120;
/** Polls of running executions that one process should have to serve. */
const POLLS_PER_SECOND = 500;
/** DynamoDB responds within some ten milliseconds; a table that takes this long is no use. */
const TABLE_MILLISECONDS = 1000;

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
  const { table, describeRate: rate, describeBurst: burst, onFailure } = options;
  const { clock = systemClock, random = Math.random } = options;
  const describe = createOperation({
    call: options.describe,
    clock,
    isFailure: (error) => !isOfTheCall(error),
    onFailure: (error) => onFailure('DescribeExecution', error),
  });
  const read =
    table &&
    createOperation({
      call: table.read,
      clock,
      milliseconds: TABLE_MILLISECONDS,
      onFailure: (error) => onFailure('BatchGetItem', error),
    });
  const query =
    table &&
    createOperation({
      call: table.changesSince,
      clock,
      milliseconds: TABLE_MILLISECONDS,
      onFailure: (error) => onFailure('Query', error),
    });
  const executions = createKnownExecutions(clock);
  const watched = createWatchedExecutions(clock);
  const budget = createDescribeBudget({ rate, burst, clock });
  const replays = createReplays(budget, clock);
  const feed = createFeed({
    query,
    clock,
    onChange: (change) => transitions.report(change),
    isNeeded: () => held > 0,
  });
  const transitions = createTransitions({
    clock,
    executions,
    watched,
    feed,
    budget,
    read,
    describe,
  });
  const given = { start: 0, memory: 0, table: 0, feed: 0, description: 0, lastKnown: 0 };
  let held = 0;
  let isReleased = false;
  let isClosed = false;

  /** Whether there is nothing newer, as far as one can know without a call. */
  function isCurrent(known: Known): boolean {
    if (isBehind(known)) return false;
    if (known.execution.status === 'SUCCEEDED') return true;
    const age = clock.now() - known.observedAt;
    if (!isRunning(known.execution)) return age < UNSUCCESSFUL_MILLISECONDS;
    return (
      age < FRESH_MILLISECONDS || (age < COVERED_MILLISECONDS && feed.covers(known.observedAt))
    );
  }

  function respond(known: Known, source: StatusSource): Status {
    given[source] += 1;
    const { execution, observedAt } = known;
    // Where the feed has reported a change, it confirms nothing else.
    const isCovered = feed.covers(observedAt) && !isBehind(known);
    const confirmedAt = isCovered ? Math.max(observedAt, feed.readAt) : observedAt;
    const ageSeconds = Math.floor((clock.now() - confirmedAt) / 1000);
    if (!isRunning(execution)) return { execution, ageSeconds };
    const entry = watched.get(execution.executionArn);
    return { execution, ageSeconds, retryAfterSeconds: comeBackAfter(known, entry) };
  }

  /** The seconds until there is likely to be news; spread, so that not all come back at once. */
  function comeBackAfter(known: Known | undefined, entry: Watched | undefined): number {
    const seconds = Math.max(1, watched.size / POLLS_PER_SECOND, secondsToTurn(known));
    const spread = Math.round(seconds * (1 + random() / 2));
    const retryAfterSeconds = Math.min(LONGEST_RETRY_AFTER_SECONDS, spread);
    if (entry) entry.expectedUntil = clock.now() + 1500 * retryAfterSeconds + 5000;
    return retryAfterSeconds;
  }

  /** Without a table, the executions that were confirmed the longest ago are described first. */
  function secondsToTurn(known: Known | undefined): number {
    if (transitions.isTableAvailable()) return 0;
    return (known ? watched.confirmedBy(known.observedAt) : watched.unknown) / rate;
  }

  /** Whether it is worth holding a poll for news. */
  function isNewsNear({ state }: Watched, { observedAt }: Known, caller: string): boolean {
    if (transitions.isTableAvailable() || state === 'describing' || state === 'reading')
      return true;
    const places = Math.ceil(rate * TURN_HELD_SECONDS);
    return budget.isNear('refresh', { since: observedAt, caller }, places);
  }

  /** @throws why there has been no news for too long */
  function trusted(entry: Watched, last: Known): Known {
    if (transitions.isTrusted(entry)) return last;
    throw entry.failure;
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
    const entry = isClosed || !isRoomFor(last) ? undefined : watched.watch(executionArn, last);
    if (entry === undefined) {
      if (last) return respond(last, 'lastKnown');
      throw new StatusNotYetKnown(comeBackAfter(undefined, undefined));
    }
    if (last && aboveRank === ANY_RANK && !isNewsNear(entry, last, caller)) {
      return respond(trusted(entry, last), 'lastKnown');
    }
    return hold(entry, aboveRank, milliseconds, signal, caller);
  }

  function isRoomFor(last: Known | undefined): boolean {
    return last !== undefined || watched.unknown < FIRST_HELD_MAX;
  }

  async function hold(
    entry: Watched,
    aboveRank: number,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status> {
    const heldSince = clock.now();
    let isInTime = true;
    held += 1;
    const released = holdCaller(entry.callers, {
      id: caller,
      aboveRank,
      milliseconds,
      signal,
      clock,
      onTime() {
        const isFirstTime = isInTime;
        isInTime = false;
        // A poll's turn has come: its description is on its way.
        const isNear = aboveRank === ANY_RANK && isFirstTime && entry.state === 'describing';
        if (isNear) return NEWS_HELD_MILLISECONDS;
        if (entry.known !== undefined) return trusted(entry, entry.known);
        const patience = heldSince + FIRST_HELD_MILLISECONDS - clock.now();
        if (patience > 0) return patience;
        throw new StatusNotYetKnown(comeBackAfter(undefined, entry));
      },
      onLeave() {
        held -= 1;
        transitions.leave(entry);
      },
    });
    if (entry.known && isCurrent(entry.known)) transitions.follow(entry);
    else transitions.ask(entry);
    const known = await released;
    if (known.observedAt >= heldSince) return respond(known, known.source);
    return respond(known, isCurrent(known) ? 'memory' : 'lastKnown');
  }

  return {
    get: (executionArn, signal, caller) =>
      look(executionArn, ANY_RANK, NEWS_HELD_MILLISECONDS, signal, caller),

    wait: (executionArn, milliseconds, signal, caller) =>
      isReleased
        ? look(executionArn, ANY_RANK, NEWS_HELD_MILLISECONDS, signal, caller)
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
          throw new StatusNotYetKnown(retryAfterSeconds ?? 1);
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
      for (const { callers, known } of watched.values()) {
        for (const caller of callers) {
          caller.aboveRank = ANY_RANK;
          if (known !== undefined) caller.release(known);
        }
      }
    },

    statistics: () => ({
      given: { ...given },
      held,
      watched: watched.size,
      known: executions.sizes(),
      describeTokens: budget.tokens(),
      feedAgeSeconds: feed.ageSeconds(),
      failures: {
        DescribeExecution: describe.failures,
        BatchGetItem: read?.failures ?? 0,
        Query: query?.failures ?? 0,
      },
    }),

    close() {
      isClosed = isReleased = true;
      for (const part of [transitions, feed, budget, replays]) part.close();
      for (const operation of [describe, read, query]) operation?.cancel();
      for (const { callers, known } of watched.values()) {
        for (const caller of callers) {
          if (known !== undefined) caller.release(known);
          else caller.fail(new StatusNotYetKnown(1));
        }
      }
    },
  };
}

/** Whether it says nothing of how DescribeExecution fares. */
function isOfTheCall(error: unknown): boolean {
  if (!(error instanceof StepFunctionsError)) return false;
  return error.failure === 'not-found' || error.failure === 'throttled';
}
