/**
 * What becomes of an execution that callers ask for. It stands in one state:
 *
 * - `unattended`: no response is held for it
 * - `resting`: responses are held; the feed reports news, or it is asked for again when due
 * - `reading`: waits for a read of the status table
 * - `queued`: waits for its turn to be described
 * - `describing`: DescribeExecution is under way
 *
 * | from | event | to |
 * | --- | --- | --- |
 * | unattended, resting | a caller wants news; resting: it is due | reading; without a table: queued |
 * | unattended | a caller waits for what comes after the current state | resting |
 * | resting, queued | the feed reports a change | reading |
 * | reading | it still runs; its news is still on its way to the table | resting |
 * | reading | the table lacks it, or its news for too long; the read failed | queued |
 * | queued | its turn has come | describing |
 * | describing | it still runs; DescribeExecution failed | resting |
 * | describing | throttled | queued |
 * | any but describing | the last caller has left | unattended |
 *
 * However an end becomes known, all callers are released and the execution is watched no more; nor
 * is one that DescribeExecution does not find. Every observation is merged by rank.
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

/** How often those who rest are looked through: ten thousand take a millisecond. */
const TICK_MILLISECONDS = 250;
/** How often an execution is asked for while callers are held, at best. */
const REFRESH_MILLISECONDS = 1000;
/** The same where the feed reports changes: should it ever miss one, this makes up for it. */
const COVERED_REFRESH_MILLISECONDS = 30_000;
/** How often the table is read for news that is on its way there, and for how long. */
const REREAD_MILLISECONDS = 500;
const NEWS_AWAITED_MILLISECONDS = 2000;
/** What exists may not be found yet: DescribeExecution is eventually consistent. */
const FOUND_AFTER_MILLISECONDS = 10_000;
/** How old a status may be while DescribeExecution fails; then the failure is the honest response. */
const TRUSTED_MILLISECONDS = 60_000;

export interface Transitions {
  /** A held caller wants news. */
  ask(entry: Watched): void;
  /** A held caller waits for what comes after the current state. */
  follow(entry: Watched): void;
  /** A caller has left. */
  leave(entry: Watched): void;
  /** A call of another kind, sent at that time, has returned the execution. */
  note(execution: Execution, sentAt: number, source: Source): void;
  /** The feed has reported a change. */
  report(change: Change): void;
  /** False without a table, and while it fails: statuses come from DescribeExecution alone. */
  isTableAvailable(): boolean;
  /** @throws why DescribeExecution has failed for too long to give this status instead */
  trust(entry: Watched, last: Known): Known;
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
  const resting = new Set<Watched>();
  const reads = createTableReads<Watched>({ read, clock, onRead, onUnread });
  const places: Partial<Record<Watched['state'], Place>> = {
    resting,
    reading: reads,
    queued: { add: queue, delete: ({ turn }) => turn && budget.delete(turn) },
  };
  let stopTicking: (() => void) | undefined;
  let isClosed = false;

  function enter(entry: Watched, state: Watched['state']): void {
    places[entry.state]?.delete(entry);
    // Without a caller there is nobody to do it for.
    entry.state = entry.callers.size > 0 || state === 'describing' ? state : 'unattended';
    entry.enteredAt = clock.now();
    if (entry.state === 'resting') tickLater();
    // Last, since this may start a call at once.
    places[entry.state]?.add(entry);
  }

  function request(entry: Watched): void {
    enter(entry, reads.isAvailable() ? 'reading' : 'queued');
  }

  function forget(entry: Watched): void {
    enter(entry, 'unattended');
    watched.forget(entry);
  }

  function tickLater(): void {
    if (!isClosed) stopTicking ??= clock.schedule(TICK_MILLISECONDS, tick);
  }

  function tick(): void {
    stopTicking = undefined;
    for (const entry of resting) if (isDue(entry)) request(entry);
    if (resting.size > 0) tickLater();
  }

  function isDue({ known, enteredAt }: Watched): boolean {
    const rested = clock.now() - enteredAt;
    if (known === undefined || isBehind(known)) return rested >= REREAD_MILLISECONDS;
    const isCovered = feed.covers(known.observedAt);
    return rested >= (isCovered ? COVERED_REFRESH_MILLISECONDS : REFRESH_MILLISECONDS);
  }

  function queue(entry: Watched): void {
    const { known, newsSince } = entry;
    const [caller] = entry.callers;
    entry.turn = {
      since: known?.observedAt ?? newsSince,
      caller: caller?.id ?? '',
      start: (send: Send) => void describeOne(entry, send),
    };
    budget.add(known === undefined ? 'first' : 'refresh', entry.turn);
  }

  /** Takes in what is known now, and releases those who have waited for it. */
  function learn(entry: Watched, known: Known): void {
    watched.learn(entry, known);
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
    learn(entry, executions.record(execution, askedAt, source, entry.reportedRank));
  }

  function onRead(entry: Watched, execution: Execution | undefined, askedAt: number): void {
    if (execution) observe(entry, execution, askedAt, entry.reportedRank > 0 ? 'feed' : 'table');
    if (entry.state !== 'reading') return;
    const { known, newsSince } = entry;
    const lacksNews = known === undefined || isBehind(known);
    const isOnItsWay = lacksNews && clock.now() - newsSince < NEWS_AWAITED_MILLISECONDS;
    enter(entry, isOnItsWay || (execution && !lacksNews) ? 'resting' : 'queued');
  }

  function onUnread(entry: Watched): void {
    if (entry.state === 'reading') enter(entry, 'queued');
  }

  async function describeOne(entry: Watched, send: Send): Promise<void> {
    enter(entry, 'describing');
    const askedAt = clock.now();
    try {
      const execution = await send(() => describe.call(entry.executionArn));
      observe(entry, execution, askedAt, 'description');
    } catch (error) {
      return failed(entry, error);
    }
    if (entry.state === 'describing') enter(entry, 'resting');
  }

  function failed(entry: Watched, error: unknown): void {
    const { known, callers } = entry;
    const failure = error instanceof StepFunctionsError ? error.failure : undefined;
    if (failure === 'throttled') {
      enter(entry, 'queued');
      return;
    }
    const isGone = failure === 'not-found' && !isNew(known);
    if (failure !== 'not-found') entry.failure = error;
    if (known && !isGone && isTrusted(entry)) release(entry, known);
    else for (const caller of callers) caller.fail(error);
    if (isGone) {
      executions.recordNotFound(entry.executionArn);
      forget(entry);
    } else enter(entry, 'resting');
  }

  function isNew(known: Known | undefined): boolean {
    return known !== undefined && clock.now() - known.knownSince < FOUND_AFTER_MILLISECONDS;
  }

  function isTrusted({ known, failure }: Watched): boolean {
    if (failure === undefined) return true;
    return known !== undefined && clock.now() - known.observedAt < TRUSTED_MILLISECONDS;
  }

  return {
    ask(entry) {
      if (entry.state === 'unattended' || entry.state === 'resting') request(entry);
    },
    follow(entry) {
      if (entry.state === 'unattended') enter(entry, 'resting');
    },
    leave(entry) {
      if (entry.callers.size === 0 && entry.state !== 'describing') enter(entry, 'unattended');
    },
    note(execution, sentAt, source) {
      const known = executions.record(execution, sentAt, source, 0);
      const entry = watched.get(execution.executionArn);
      if (entry === undefined) return;
      learn(entry, known);
      if (entry.state === 'queued') enter(entry, 'resting');
    },
    report({ executionArn, rank }) {
      executions.report(executionArn, rank);
      const entry = watched.get(executionArn);
      if (entry === undefined || rank <= entry.reportedRank) return;
      entry.reportedRank = rank;
      if (entry.known) entry.known.reportedRank = rank;
      if (entry.known && !isBehind(entry.known)) return;
      entry.newsSince = clock.now();
      if (entry.state !== 'reading' && entry.state !== 'describing') request(entry);
    },
    isTableAvailable: reads.isAvailable,
    trust(entry, last) {
      if (isTrusted(entry)) return last;
      throw entry.failure;
    },
    close() {
      isClosed = true;
      stopTicking?.();
    },
  };
}

interface Place {
  add(entry: Watched): unknown;
  delete(entry: Watched): unknown;
}
