import type { QueuedCall } from '../call-budget/call-budget.ts';
import type { Clock } from '../clock.ts';
import type { HeldCaller } from './held-caller.ts';
import type { Known } from './known-executions.ts';

const WATCHED_MAX = 50_000;
const SURVEY_INTERVAL_MILLISECONDS = 1000;

/** An execution that callers are asking for, or recently asked for. Times are as `Clock.now`. */
export interface Watched {
  readonly executionArn: string;
  /** The callers whose responses are held. */
  readonly callers: Set<HeldCaller>;
  /** See transitions.ts. */
  state: 'idle' | 'waiting' | 'reading' | 'queued' | 'describing';
  /** When it entered this state. */
  enteredAt: number;
  /** Its call in the describe budget, while it is queued. */
  queuedCall: QueuedCall | undefined;
  /** Set with `setKnown`. */
  known: Known | undefined;
  /** The highest rank that the feed has reported. */
  reportedRank: number;
  /** When it was first asked for, or when the feed last reported a change. */
  changeAwaitedSince: number;
  /** Why the last DescribeExecution failed; `undefined` if it succeeded. */
  failure: unknown;
  /** Until when a caller is expected to return after its `Retry-After`. */
  expectedUntil: number;
}

export interface WatchedExecutions {
  readonly size: number;
  /** The number of watched executions without a known state. */
  readonly unknown: number;
  /** The number of executions with a known state that was last confirmed at this time or before. */
  confirmedBy(time: number): number;
  get(executionArn: string): Watched | undefined;
  values(): Iterable<Watched>;
  /** Adds an execution if it is new; `undefined` if too many are watched. */
  watch(executionArn: string, known: Known | undefined): Watched | undefined;
  setKnown(entry: Watched, known: Known): void;
  forget(entry: Watched): void;
}

export function createWatchedExecutions(clock: Clock): WatchedExecutions {
  const byArn = new Map<string, Watched>();
  const unknown = new Set<Watched>();
  let surveyedAt = clock.now();
  /** The times at which the known states were last confirmed, sorted. */
  let confirmedAts = new Float64Array();

  /** Forgets idle executions that no caller is expected to ask for again; if full, all idle ones. */
  function survey(isFull: boolean): void {
    surveyedAt = clock.now();
    const ats = [];
    for (const entry of byArn.values()) {
      const isDone = entry.state === 'idle' && (isFull || entry.expectedUntil <= surveyedAt);
      if (isDone) forget(entry);
      else if (entry.known !== undefined) ats.push(entry.known.observedAt);
    }
    confirmedAts = Float64Array.from(ats).sort();
  }

  function forget(entry: Watched): void {
    byArn.delete(entry.executionArn);
    unknown.delete(entry);
  }

  return {
    get size() {
      return byArn.size;
    },
    get unknown() {
      return unknown.size;
    },
    confirmedBy(time) {
      let [low, high] = [0, confirmedAts.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((confirmedAts[middle] ?? time) <= time) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    get: (executionArn) => byArn.get(executionArn),
    values: () => byArn.values(),
    watch(executionArn, known) {
      if (clock.now() - surveyedAt >= SURVEY_INTERVAL_MILLISECONDS) survey(false);
      const before = byArn.get(executionArn);
      if (before !== undefined) return before;
      if (byArn.size >= WATCHED_MAX) survey(true);
      if (byArn.size >= WATCHED_MAX) return undefined;
      const now = clock.now();
      const entry: Watched = {
        executionArn,
        callers: new Set(),
        state: 'idle',
        enteredAt: now,
        queuedCall: undefined,
        known,
        reportedRank: 0,
        changeAwaitedSince: now,
        failure: undefined,
        expectedUntil: now,
      };
      byArn.set(executionArn, entry);
      if (known === undefined) unknown.add(entry);
      return entry;
    },
    setKnown(entry, known) {
      entry.known = known;
      unknown.delete(entry);
    },
    forget,
  };
}
