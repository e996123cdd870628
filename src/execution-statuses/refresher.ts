/**
 * Keeps the status of an execution current while callers wait for it. `keepCurrent` runs from the
 * first caller to the last. It begins in `waiting` if the status is current, else in `reading`, or
 * without a table in `queued`. The states:
 *
 * - `waiting`: until the status is no longer current, or for what may be on its way to the table
 * - `reading`: for a read of the status table
 * - `queued`: for a token of the describe budget
 * - `describing`: for DescribeExecution
 *
 * | from | event | to |
 * | --- | --- | --- |
 * | waiting | its time is over | as at the beginning |
 * | waiting, queued | the feed has reported a change or has stopped or resumed, or another call has returned a state | as at the beginning |
 * | reading | the status is current, or may be on its way to the table | waiting |
 * | reading | neither, or the read failed | queued |
 * | queued | the budget has a token | describing |
 * | queued | there is a table, and 2 s have passed | as at the beginning |
 * | describing | DescribeExecution has returned or failed | waiting |
 *
 * It ends when no caller is left: all have been released, because the execution has ended or was not
 * found, or have left. A call in flight is not aborted. Without callers, no timer runs.
 */

import type { CallBudget, QueuedCall, Send } from '../call-budget/call-budget.ts';
import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import type { Change } from '../status-table/status-table.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { Freshness } from './freshness.ts';
import { isEnough } from './held-caller.ts';
import type { Source } from './status.ts';
import type { TableReads } from './table-reads.ts';
import { isBehind, type Tracked, type TrackedExecutions } from './tracked-executions.ts';

/** The pause after DescribeExecution has returned no current status. */
const retryMilliseconds = 1000;
/** How often the table is read for what may be on its way there. */
const rereadMilliseconds = 500;
/** How long it is read for a change that the feed has reported. */
const changeAwaitedMilliseconds = 2000;
/** How long it is read for an unknown execution, which may be new. Longer if the budget is scarce. */
const startAwaitedMilliseconds = 1000;
/** How often the table is read for an execution that waits for a token: it may have it by now. */
const queuedMilliseconds = 2000;
/** How long DescribeExecution, which is eventually consistent, may fail to find an execution. */
const foundAfterMilliseconds = 10_000;
/** While DescribeExecution fails, callers get the failure instead of a status older than this. */
const recentMilliseconds = 60_000;

export interface Refresher {
  /** Keeps the status of an execution current for as long as it has callers. */
  keepCurrent(entry: Tracked): Promise<void>;
  /** Records a state of an execution that a call sent at `observedAt` has returned. */
  observe(execution: Execution, observedAt: number, source?: Source): void;
  /** Records that the feed has reported a change. */
  onChange(change: Change): void;
  /** @throws the failure of DescribeExecution, if the known state is too old to be returned */
  throwUnlessRecent(entry: Tracked): void;
}

export function createRefresher(options: {
  clock: Clock;
  executions: TrackedExecutions;
  freshness: Pick<Freshness, 'isCurrent' | 'currentUntil'>;
  budget: CallBudget<'first' | 'refresh' | 'other'>;
  reads: TableReads;
  turnOf(entry: Tracked): number;
  describe(executionArn: string): Promise<Execution>;
}): Refresher {
  const { clock, executions, budget, reads } = options;
  const { isCurrent, currentUntil } = options.freshness;

  async function keepCurrent(entry: Tracked): Promise<void> {
    executions.hold(entry);
    while (entry.callers.size > 0) {
      const milliseconds = currentUntil(entry) - clock.now();
      if (milliseconds > 0) await pause(entry, milliseconds);
      else await refresh(entry);
    }
    executions.unhold(entry);
  }

  async function refresh(entry: Tracked): Promise<void> {
    if (reads.isAvailable()) {
      await read(entry);
      if (isCurrent(entry)) return;
      if (mayStillArrive(entry)) return pause(entry, rereadMilliseconds);
    }
    await describeInTurn(entry);
  }

  /** Waits for this time, or until the entry is woken; not at all without callers. */
  function pause(entry: Tracked, milliseconds: number): Promise<void> {
    if (entry.callers.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const stopTimer = clock.schedule(milliseconds, resolve);
      entry.wake = () => {
        stopTimer();
        resolve();
      };
    });
  }

  async function read(entry: Tracked): Promise<void> {
    const { executionArn, reportedRank } = entry;
    const batch = await reads.read(executionArn);
    const execution = batch?.executions.get(executionArn);
    if (batch && execution) observe(execution, batch.sentAt, reportedRank > 0 ? 'feed' : 'table');
  }

  /** Whether the table may soon have the execution, or the change that the feed has reported. */
  function mayStillArrive(entry: Tracked): boolean {
    const allowsLongWait = entry.reportedRank > 0 || budget.isScarce();
    const awaited = allowsLongWait ? changeAwaitedMilliseconds : startAwaitedMilliseconds;
    return isBehind(entry) && clock.now() - entry.awaitedSince < awaited;
  }

  /** Describes the execution when the budget has a token for it, unless the entry is woken before. */
  function describeInTurn(entry: Tracked): Promise<void> {
    if (entry.callers.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const queued: QueuedCall = {
        turnAt: options.turnOf(entry),
        callers: entry.callers,
        start(send) {
          stopTimer?.();
          resolve(describe(entry, send));
        },
      };
      const leave = () => {
        stopTimer?.();
        budget.delete(queued);
        resolve();
      };
      const stopTimer = reads.hasTable ? clock.schedule(queuedMilliseconds, leave) : undefined;
      entry.wake = leave;
      budget.add(entry.known ? 'refresh' : 'first', queued);
    });
  }

  async function describe(entry: Tracked, send: Send): Promise<void> {
    const { executionArn } = entry;
    const sentAt = clock.now();
    try {
      const execution = await send(() => options.describe(executionArn));
      observe(execution, sentAt, 'description');
    } catch (error) {
      onDescribeFailed(entry, error);
    }
    if (!isCurrent(entry)) await pause(entry, retryMilliseconds);
  }

  function onDescribeFailed(entry: Tracked, error: unknown): void {
    const { known, callers } = entry;
    const failure = error instanceof StepFunctionsError ? error.failure : undefined;
    if (failure === 'throttled') return;
    const isNew = known && clock.now() - known.observedAt < foundAfterMilliseconds;
    const isGone = failure === 'not-found' && !isNew;
    if (isGone) executions.forget(entry);
    if (failure !== 'not-found') entry.failure = error;
    if (known && !isGone && isRecent(entry)) release(entry);
    else for (const caller of callers) caller.fail(error);
  }

  function isRecent({ known, failure }: Tracked): boolean {
    if (failure === undefined) return true;
    return known !== undefined && clock.now() - known.observedAt < recentMilliseconds;
  }

  function observe(execution: Execution, observedAt: number, source?: Source): void {
    const { executionArn } = execution;
    const entry = executions.get(executionArn) ?? executions.create(executionArn);
    const { known } = entry;
    const gained = known ? rankOf(execution) - rankOf(known.execution) : 1;
    // Calls may overtake each other.
    if (gained < 0 || (gained === 0 && known && observedAt < known.observedAt)) return;
    executions.setKnown(entry, { execution, observedAt });
    entry.failure = undefined;
    if (!isBehind(entry)) release(entry, source);
    entry.wake();
  }

  /** Releases the callers who waited for the known state. */
  function release({ known, callers }: Tracked, source?: Source): void {
    for (const caller of callers) {
      if (known && isEnough(known.execution, caller.aboveRank)) caller.release(source);
    }
  }

  return {
    keepCurrent,
    observe,
    onChange({ executionArn, rank }) {
      const entry = executions.get(executionArn);
      if (entry === undefined || rank <= entry.reportedRank) return;
      entry.reportedRank = rank;
      if (!isBehind(entry)) return;
      entry.awaitedSince = clock.now();
      entry.wake();
    },
    throwUnlessRecent(entry) {
      if (!isRecent(entry)) throw entry.failure;
    },
  };
}
