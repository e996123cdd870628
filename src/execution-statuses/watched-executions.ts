import type { Turn } from '../call-budget/call-budget.ts';
import type { Clock } from '../clock.ts';
import type { HeldCaller } from './held-caller.ts';
import type { Known } from './known-executions.ts';

const WATCHED_MAX = 50_000;
const SURVEYED_EVERY_MILLISECONDS = 1000;

/** An execution that somebody asks for, or asked for lately. Times are the clock's. */
export interface Watched {
  readonly executionArn: string;
  /** Those whose responses are held. */
  readonly callers: Set<HeldCaller>;
  /** See transitions.ts. */
  state: 'unattended' | 'resting' | 'reading' | 'awaited' | 'queued' | 'describing';
  /** When it came into this state. */
  enteredAt: number;
  /** While it is queued. */
  turn: Turn | undefined;
  /** Set by `learn`. */
  known: Known | undefined;
  /** The highest rank that the feed has reported. */
  reportedRank: number;
  /** Since when there has been something to learn: when it was first asked for, or last reported. */
  newsSince: number;
  /** Why the last DescribeExecution of it failed. */
  failure: unknown;
  /** Until when a caller is expected to come back after its `Retry-After`. */
  expectedUntil: number;
}

export interface WatchedExecutions {
  readonly size: number;
  /** How many of them nothing is known of. */
  readonly unknown: number;
  /** How many of the others were last confirmed at this time or before. */
  confirmedBy(time: number): number;
  get(executionArn: string): Watched | undefined;
  values(): Iterable<Watched>;
  /** Undefined when there is room for no more. */
  watch(executionArn: string, known: Known | undefined): Watched | undefined;
  learn(entry: Watched, known: Known): void;
  forget(entry: Watched): void;
}

export function createWatchedExecutions(clock: Clock): WatchedExecutions {
  const byArn = new Map<string, Watched>();
  const unknown = new Set<Watched>();
  let surveyedAt = clock.now();
  /** When those of which something is known were last confirmed, the earliest first. */
  let confirmedAts = new Float64Array();

  /** Forgets executions that no caller came back for; if full, all for which no caller is held. */
  function survey(isFull: boolean): void {
    surveyedAt = clock.now();
    const ats = [];
    for (const entry of byArn.values()) {
      const isLeft = entry.state === 'unattended' && (isFull || entry.expectedUntil <= surveyedAt);
      if (isLeft) forget(entry);
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
      if (clock.now() - surveyedAt >= SURVEYED_EVERY_MILLISECONDS) survey(false);
      const before = byArn.get(executionArn);
      if (before !== undefined) return before;
      if (byArn.size >= WATCHED_MAX) survey(true);
      if (byArn.size >= WATCHED_MAX) return undefined;
      const now = clock.now();
      const entry: Watched = {
        executionArn,
        callers: new Set(),
        state: 'unattended',
        enteredAt: now,
        turn: undefined,
        known,
        reportedRank: 0,
        newsSince: now,
        failure: undefined,
        expectedUntil: now,
      };
      byArn.set(executionArn, entry);
      if (known === undefined) unknown.add(entry);
      return entry;
    },
    learn(entry, known) {
      entry.known = known;
      unknown.delete(entry);
    },
    forget,
  };
}
