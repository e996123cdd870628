/**
 * The statuses of executions, for any number of callers and processes.
 *
 * Every status change is pushed to the status table. A status that a caller asks for is read from
 * there. Callers who wait for a change are released when the feed of changes reports it. The feed is
 * one query twice a second, however many callers wait. For executions that are not in the table, and
 * for all of them while the table fails, DescribeExecution is called. Its quota is 10 or 15 calls a
 * second for the whole account, so these calls have a budget (src/call-budget). Beyond it, callers get
 * the last known status and its age.
 *
 * tracked-executions.ts has what is known of each execution. refresher.ts keeps it current while
 * callers wait for it. While no caller waits, no timer runs and no call is made.
 */

import { createCallBudget } from '../call-budget/call-budget.ts';
import { createCallQueue } from '../call-budget/call-queue.ts';
import { BudgetExhausted } from '../call-budget/errors.ts';
import { type Clock, systemClock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import type { StatusTable } from '../status-table/status-table.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import { createCalls } from './calls.ts';
import { createFeed } from './feed.ts';
import { createFreshness } from './freshness.ts';
import { anyRank, endOnly, type HeldCaller, holdCaller, isEnough, noLimit } from './held-caller.ts';
import { createRefresher } from './refresher.ts';
import type { ExecutionStatuses, Source, Status, StatusOperation, StatusSource } from './status.ts';
import { createTableReads } from './table-reads.ts';
import { createTrackedExecutions, type Tracked } from './tracked-executions.ts';
import { createTurns } from './turns.ts';

/** How long `get` waits for a newer status if an older one is known. */
const newerStatusHeldMilliseconds = 2000;
/** How long a caller waits if no status is known. Many gateways time out after 30 s. */
const unknownHeldMilliseconds = 20_000;
/** The limit of unknown executions that responses are held for. */
const unknownMax = 10_000;
/** After a slower start, the execution may have ended. Well within the overlap of the feed. */
const startMilliseconds = 2000;

/**
 * @param options.describe calls DescribeExecution once; rejects with a {@link StepFunctionsError}
 * @param options.table without it, every status is described
 * @param options.describeRate DescribeExecution calls that this process may make per second
 * @param options.describeBurst DescribeExecution calls that it may make at once
 * @param options.onFailure called with the first of several failures of an operation in a row
 */
export function createExecutionStatuses(options: {
  describe(executionArn: string, signal: AbortSignal): Promise<Execution>;
  table?: StatusTable | undefined;
  describeRate: number;
  describeBurst: number;
  onFailure(operation: StatusOperation, error: unknown): void;
  clock?: Clock;
}): ExecutionStatuses {
  const { table, clock = systemClock, describeRate: rate, describeBurst: burst } = options;
  const calls = createCalls(clock, options.onFailure);
  const executions = createTrackedExecutions(clock);
  const lanes = ['first', 'refresh', 'other'] as const;
  const budget = createCallBudget({ lanes, rate, burst, clock });
  const others = createCallQueue(budget, 'other', clock);
  const reads = createTableReads(table, calls, clock);
  const feed = createFeed({
    query: table && ((since) => calls.make('Query', (signal) => table.changesSince(since, signal))),
    clock,
    onChange: (change) => onChange(change),
    onLiveChange() {
      for (const entry of executions.held.values()) entry.wake();
    },
    isNeeded: () => executions.held.size > 0,
  });
  const turns = createTurns({ clock, rate, budget, isTableAvailable: reads.isAvailable });
  const freshness = createFreshness(clock, feed);
  const { isCurrent, ageSeconds } = freshness;
  const { keepCurrent, observe, onChange, throwUnlessRecent } = createRefresher({
    clock,
    executions,
    freshness,
    budget,
    reads,
    turnOf: turns.turnOf,
    describe: (executionArn) =>
      calls.make('DescribeExecution', (signal) => options.describe(executionArn, signal)),
  });
  const returned = { memory: 0, table: 0, feed: 0, description: 0, lastKnown: 0 };
  let isReleased = false;
  let isClosed = false;

  /** @param source where the known state came from, if the caller waited for it */
  function toStatus(entry: Tracked, source?: StatusSource): Status {
    const { known } = entry;
    if (!known) throw new BudgetExhausted(turns.retryAfterSeconds(entry));
    if (!source) throwUnlessRecent(entry);
    returned[source ?? (isCurrent(entry) ? 'memory' : 'lastKnown')] += 1;
    const { execution } = known;
    const status = { execution, ageSeconds: ageSeconds(entry, known) };
    if (!isRunning(execution)) return status;
    return { ...status, retryAfterSeconds: turns.retryAfterSeconds(entry) };
  }

  function find(executionArn: string): Tracked {
    feed.need();
    const known = executions.get(executionArn);
    if (known) return known;
    if (executions.isNotFound(executionArn)) throw new StepFunctionsError('not-found');
    const entry = executions.create(executionArn);
    if (executions.unknown < unknownMax) return entry;
    throw new BudgetExhausted(turns.retryAfterSeconds(entry));
  }

  /** Holds a caller, and keeps the execution current meanwhile. After `close`, holds nobody. */
  function hold(
    entry: Tracked,
    aboveRank: number,
    milliseconds: number,
    signal: AbortSignal,
    caller: string,
  ): Promise<Source | undefined> {
    if (isClosed) return Promise.resolve(undefined);
    const released = holdCaller(entry, caller, aboveRank, milliseconds, signal, clock);
    if (!executions.held.has(entry.executionArn)) void keepCurrent(entry);
    return released;
  }

  /** Returns the status once it has a higher rank or is the end, or when the time has passed. */
  async function statusAbove(
    aboveRank: number,
    milliseconds: number,
    executionArn: string,
    signal: AbortSignal,
    caller: string,
  ): Promise<Status> {
    signal.throwIfAborted();
    const entry = find(executionArn);
    const until = clock.now() + milliseconds;
    const { known } = entry;
    if (!known) {
      const source = await hold(entry, anyRank, unknownHeldMilliseconds, signal, caller);
      const first = entry.known;
      const isOver = isReleased || !first || clock.now() >= until;
      if (isOver || isEnough(first.execution, aboveRank)) return toStatus(entry, source);
    } else if (isCurrent(entry)) {
      if (isEnough(known.execution, aboveRank)) return toStatus(entry);
    } else if (aboveRank === anyRank && !turns.isNear(entry)) {
      return toStatus(entry);
    }
    return toStatus(entry, await hold(entry, aboveRank, until - clock.now(), signal, caller));
  }

  const get: ExecutionStatuses['get'] = (...request) =>
    statusAbove(anyRank, newerStatusHeldMilliseconds, ...request);

  function releaseAll(withoutStatus: (caller: HeldCaller) => void): void {
    for (const { callers, known } of executions.held.values()) {
      for (const caller of callers) {
        if (known) caller.release();
        else withoutStatus(caller);
      }
    }
  }

  return {
    get,

    wait: (executionArn, milliseconds, ...request) =>
      isReleased
        ? get(executionArn, ...request)
        : statusAbove(endOnly, milliseconds, executionArn, ...request),

    waitForChange(execution, signal, caller) {
      signal.throwIfAborted();
      if (isReleased) return Promise.resolve({ execution });
      const { executionArn } = execution;
      const rank = rankOf(execution);
      const entry = executions.get(executionArn);
      const isUnchanged = entry?.known && rankOf(entry.known.execution) === rank;
      if (!isUnchanged) return statusAbove(rank, noLimit, executionArn, signal, caller);
      feed.need();
      // Streams spend nearly all their time here. An async function would take more memory.
      return hold(entry, rank, noLimit, signal, caller).then((source) => toStatus(entry, source));
    },

    noteStart() {
      feed.need();
      const sentAt = clock.now();
      const sentDate = clock.epoch();
      return ({ executionArn, startDate }) => {
        // An earlier request started it, and it may have been redriven since.
        if (startDate.getTime() < sentDate - startMilliseconds) return;
        // The feed may have reported the end before this process knew the execution.
        if (table && clock.now() - sentAt > startMilliseconds) return;
        observe({ executionArn, startDate, status: 'RUNNING' }, sentAt);
      };
    },

    noteDescribed: (execution) => observe(execution, clock.now(), 'description'),

    withinDescribeBudget: (call, caller) => others.run(call, [{ id: caller }]),

    release() {
      isReleased = true;
      releaseAll(() => undefined);
    },

    statistics: () => ({
      returned: { ...returned },
      held: executions.held.values().reduce((sum, { callers }) => sum + callers.size, 0),
      known: executions.known,
      describeTokens: budget.tokens(),
      feedAgeSeconds: feed.ageSeconds(),
      failures: { ...calls.failures },
    }),

    close() {
      isClosed = isReleased = true;
      for (const part of [feed, budget, others, calls]) part.close();
      releaseAll((caller) => caller.fail(new BudgetExhausted(1)));
    },
  };
}
