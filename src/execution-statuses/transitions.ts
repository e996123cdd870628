/**
 * The state machine of a watched execution. Its states:
 *
 * - `idle`: no response is held
 * - `waiting`: responses are held until the feed reports a change or a refresh is due
 * - `reading`: waits for a read of the status table
 * - `queued`: waits for a token of the describe budget
 * - `describing`: a DescribeExecution call is in flight
 *
 * | from | event | to |
 * | --- | --- | --- |
 * | idle, waiting | a caller needs a newer status, or a refresh is due | reading; without a table: queued |
 * | idle | a caller waits for the next change of a current status | waiting |
 * | waiting, queued | the feed reports a change | reading |
 * | reading | still running, or the reported change is not in the table yet | waiting |
 * | reading | the execution or the change is missing for too long, or the read failed | queued |
 * | queued | the budget has a token | describing |
 * | describing | still running, or DescribeExecution failed | waiting |
 * | describing | throttled | queued |
 * | any but describing | the last caller leaves | idle |
 *
 * When an end becomes known, all callers are released and the execution is no longer watched. The
 * same applies if DescribeExecution does not find it. Observations are merged by rank.
 */

import type { CallBudget, Send } from '../call-budget/call-budget.ts';
import type { Clock } from '../clock.ts';
import type { Change } from '../status-table/status-table.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import type { Feed } from './feed.ts';
import { isEnough } from './held-caller.ts';
import { isBehind, type Known, type KnownExecutions, type Source } from './known-executions.ts';
import type { Operation } from './operation.ts';
import { createTableReads } from './table-reads.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

/** How often waiting executions are checked; ten thousand take a millisecond. */
const TICK_MILLISECONDS = 250;
/** The shortest interval between refreshes while callers wait. */
const REFRESH_MILLISECONDS = 1000;
/** The shortest interval between refreshes while the feed reports changes, in case it misses one. */
const COVERED_REFRESH_MILLISECONDS = 30_000;
/** How often the table is read for what may be on its way there. */
const REREAD_MILLISECONDS = 500;
/** How long it is read for a change that the feed has reported. */
const CHANGE_AWAITED_MILLISECONDS = 2000;
/** How long it is read for an unknown execution, which may be new. Longer if the budget is scarce. */
const START_AWAITED_MILLISECONDS = 1000;
/** How long DescribeExecution, which is eventually consistent, may fail to find a new execution. */
const FOUND_AFTER_MILLISECONDS = 10_000;
/** While DescribeExecution fails, callers get the failure instead of a status older than this. */
const RECENT_MILLISECONDS = 60_000;

export interface Transitions {
  /** A caller needs a newer status. */
  refresh(entry: Watched): void;
  /** A caller waits for the next change of a current status. */
  awaitChange(entry: Watched): void;
  /** A caller's response is no longer held. */
  onCallerLeft(entry: Watched): void;
  /** Another call, sent at `sentAt`, has returned the execution. */
  onObserved(execution: Execution, sentAt: number, source: Source): void;
  /** The feed has reported a change. */
  onChange(change: Change): void;
  /** False without a table and while it fails: statuses then come from DescribeExecution. */
  isTableAvailable(): boolean;
  /** Returns the last known status. If that is too old, throws why DescribeExecution fails. */
  recentOrThrow(entry: Watched, last: Known): Known;
  close(): void;
}

export function createTransitions(options: {
  clock: Clock;
  executions: KnownExecutions;
  watched: WatchedExecutions;
  feed: Pick<Feed, 'covers'>;
  budget: CallBudget<'first' | 'refresh' | 'replay'>;
  read: Operation<[executionArns: readonly string[]], ReadonlyMap<string, Execution>> | undefined;
  describe: Operation<[executionArn: string], Execution>;
}): Transitions {
  const { clock, executions, watched, feed, budget, read, describe } = options;
  const waiting = new Set<Watched>();
  const reads = createTableReads<Watched>({ read, clock, onRead, onReadFailed });
  /** Where an execution is registered while it is in a state. */
  const registries: {
    [state in Watched['state']]?: Record<'add' | 'delete', (entry: Watched) => unknown>;
  } = {
    waiting,
    reading: reads,
    queued: { add: queue, delete: ({ queuedCall }) => queuedCall && budget.delete(queuedCall) },
  };
  let stopTicking: (() => void) | undefined;
  let isClosed = false;

  function enter(entry: Watched, state: Watched['state']): void {
    registries[entry.state]?.delete(entry);
    // Without callers, nothing needs to be done.
    entry.state = entry.callers.size > 0 || state === 'describing' ? state : 'idle';
    entry.enteredAt = clock.now();
    if (entry.state === 'waiting') tickLater();
    // Last, since this may start a call at once.
    registries[entry.state]?.add(entry);
  }

  function requestStatus(entry: Watched): void {
    enter(entry, reads.isAvailable() ? 'reading' : 'queued');
  }

  function forget(entry: Watched): void {
    enter(entry, 'idle');
    watched.forget(entry);
  }

  function tickLater(): void {
    if (!isClosed) stopTicking ??= clock.schedule(TICK_MILLISECONDS, tick);
  }

  function tick(): void {
    stopTicking = undefined;
    for (const entry of waiting) if (isDue(entry)) requestStatus(entry);
    if (waiting.size > 0) tickLater();
  }

  function isDue({ known, enteredAt }: Watched): boolean {
    const waited = clock.now() - enteredAt;
    if (known === undefined || isBehind(known)) return waited >= REREAD_MILLISECONDS;
    const isCovered = feed.covers(known.observedAt);
    return waited >= (isCovered ? COVERED_REFRESH_MILLISECONDS : REFRESH_MILLISECONDS);
  }

  function queue(entry: Watched): void {
    const { known, changeAwaitedSince } = entry;
    const [caller] = entry.callers;
    entry.queuedCall = {
      since: known?.observedAt ?? changeAwaitedSince,
      caller: caller?.id ?? '',
      start: (send: Send) => void describeOne(entry, send),
    };
    budget.add(known === undefined ? 'first' : 'refresh', entry.queuedCall);
  }

  /** Updates the known state, and releases the callers who waited for it. */
  function update(entry: Watched, known: Known): void {
    watched.setKnown(entry, known);
    entry.failure = undefined;
    if (isBehind(known)) return;
    release(entry, known);
    if (!isRunning(known.execution)) forget(entry);
  }

  function release(entry: Watched, known: Known): void {
    for (const caller of entry.callers) {
      if (isEnough(known, caller.aboveRank)) caller.release(known);
    }
  }

  function observe(entry: Watched, execution: Execution, askedAt: number, source: Source): void {
    update(entry, executions.record(execution, askedAt, source, entry.reportedRank));
  }

  function onRead(entry: Watched, execution: Execution | undefined, askedAt: number): void {
    if (execution) observe(entry, execution, askedAt, entry.reportedRank > 0 ? 'feed' : 'table');
    if (entry.state !== 'reading') return;
    const { known, changeAwaitedSince, reportedRank } = entry;
    const isOutdated = known === undefined || isBehind(known);
    const allowsLongWait = reportedRank > 0 || budget.isScarce();
    const awaited = allowsLongWait ? CHANGE_AWAITED_MILLISECONDS : START_AWAITED_MILLISECONDS;
    const mayStillArrive = isOutdated && clock.now() - changeAwaitedSince < awaited;
    enter(entry, mayStillArrive || (execution && !isOutdated) ? 'waiting' : 'queued');
  }

  function onReadFailed(entry: Watched): void {
    if (entry.state === 'reading') enter(entry, 'queued');
  }

  async function describeOne(entry: Watched, send: Send): Promise<void> {
    enter(entry, 'describing');
    const askedAt = clock.now();
    try {
      const execution = await send(() => describe.call(entry.executionArn));
      observe(entry, execution, askedAt, 'description');
    } catch (error) {
      return onDescribeFailed(entry, error);
    }
    if (entry.state === 'describing') enter(entry, 'waiting');
  }

  function onDescribeFailed(entry: Watched, error: unknown): void {
    const { known, callers } = entry;
    const failure = error instanceof StepFunctionsError ? error.failure : undefined;
    if (failure === 'throttled') {
      enter(entry, 'queued');
      return;
    }
    const isNew = known && clock.now() - known.knownSince < FOUND_AFTER_MILLISECONDS;
    const isGone = failure === 'not-found' && !isNew;
    if (failure !== 'not-found') entry.failure = error;
    if (known && !isGone && isRecent(entry)) release(entry, known);
    else for (const caller of callers) caller.fail(error);
    if (isGone) {
      executions.recordNotFound(entry.executionArn);
      forget(entry);
    } else enter(entry, 'waiting');
  }

  function isRecent({ known, failure }: Watched): boolean {
    if (failure === undefined) return true;
    return known !== undefined && clock.now() - known.observedAt < RECENT_MILLISECONDS;
  }

  return {
    refresh(entry) {
      if (entry.state === 'idle' || entry.state === 'waiting') requestStatus(entry);
    },
    awaitChange(entry) {
      if (entry.state === 'idle') enter(entry, 'waiting');
    },
    onCallerLeft(entry) {
      if (entry.callers.size === 0 && entry.state !== 'describing') enter(entry, 'idle');
    },
    onObserved(execution, sentAt, source) {
      const known = executions.record(execution, sentAt, source, 0);
      const entry = watched.get(execution.executionArn);
      if (entry === undefined) return;
      update(entry, known);
      if (entry.state === 'queued') enter(entry, 'waiting');
    },
    onChange({ executionArn, rank }) {
      const entry = watched.get(executionArn);
      const known = entry?.known ?? executions.get(executionArn);
      if (known) known.reportedRank = Math.max(known.reportedRank, rank);
      if (entry === undefined || rank <= entry.reportedRank) return;
      entry.reportedRank = rank;
      if (known && !isBehind(known)) return;
      entry.changeAwaitedSince = clock.now();
      if (entry.state !== 'reading' && entry.state !== 'describing') requestStatus(entry);
    },
    isTableAvailable: reads.isAvailable,
    recentOrThrow(entry, last) {
      if (isRecent(entry)) return last;
      throw entry.failure;
    },
    close() {
      isClosed = true;
      stopTicking?.();
    },
  };
}
