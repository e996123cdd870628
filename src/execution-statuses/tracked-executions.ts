import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { HeldCaller } from './held-caller.ts';

const cacheBytes = 64 * 1024 * 1024;
/** The size of an entry without its strings: objects, dates and the overhead of the cache. */
const entryBytes = 1200;
/** Short, because DescribeExecution is eventually consistent and may find the execution soon. */
const notFoundMilliseconds = 1000;
const notFoundMax = 1000;

/** A state of an execution. */
export interface Known {
  readonly execution: Execution;
  /** When the call was sent that last confirmed this state, as `Clock.now`. */
  readonly observedAt: number;
}

/** What this process knows about an execution, and who waits for it. Times are as `Clock.now`. */
export interface Tracked {
  readonly executionArn: string;
  /** The callers whose responses are held. */
  readonly callers: Set<HeldCaller>;
  /** The latest known state. Set with `setKnown`. */
  known: Known | undefined;
  /** The highest rank that the feed has reported. */
  reportedRank: number;
  /** When it was first asked for, or when the feed last reported a change. */
  awaitedSince: number;
  /** Why the last DescribeExecution failed; `undefined` if a state was observed since. */
  failure: unknown;
  /** Its latest turn to be described: see turns.ts. */
  turnAt: number;
  /** Ends the wait of `keepCurrent`, unless it is for a response: see refresher.ts. */
  wake(): void;
}

/**
 * The executions that responses are held for, and a bounded cache of known states. The cache drops
 * the executions that were not asked for or observed for the longest time.
 */
export interface TrackedExecutions {
  /** The executions that responses are held for, by ARN. */
  readonly held: ReadonlyMap<string, Tracked>;
  /** The number of them without a known state. */
  readonly unknown: number;
  /** The number of executions in the cache. */
  readonly known: number;
  get(executionArn: string): Tracked | undefined;
  /** Returns a new entry, which is not stored yet. */
  create(executionArn: string): Tracked;
  /** Keeps an entry until `unhold`, so that the cache cannot drop it. */
  hold(entry: Tracked): void;
  unhold(entry: Tracked): void;
  setKnown(entry: Tracked, known: Known): void;
  forget(entry: Tracked): void;
  /** Whether the execution was recently forgotten, because it was not found. */
  isNotFound(executionArn: string): boolean;
}

export function createTrackedExecutions(clock: Clock): TrackedExecutions {
  const held = new Map<string, Tracked>();
  const unknown = new Set<Tracked>();
  const cache = new LRUCache<string, Tracked>({
    // Not `max`, because lru-cache allocates memory for all of `max` at the start.
    maxSize: cacheBytes,
    sizeCalculation: ({ known }) => entryBytes + (known ? stringBytes(known.execution) : 0),
  });
  const notFoundAt = new LRUCache<string, number>({ max: notFoundMax });

  return {
    held,
    get unknown() {
      return unknown.size;
    },
    get known() {
      return cache.size;
    },
    get: (executionArn) => held.get(executionArn) ?? cache.get(executionArn),
    create: (executionArn) => ({
      executionArn,
      callers: new Set(),
      known: undefined,
      reportedRank: 0,
      awaitedSince: clock.now(),
      failure: undefined,
      turnAt: Number.NEGATIVE_INFINITY,
      wake: () => undefined,
    }),
    hold(entry) {
      held.set(entry.executionArn, entry);
      if (!entry.known) unknown.add(entry);
    },
    unhold(entry) {
      held.delete(entry.executionArn);
      unknown.delete(entry);
    },
    setKnown(entry, known) {
      entry.known = known;
      unknown.delete(entry);
      // The cache does not recalculate the size of an entry that it has.
      cache.delete(entry.executionArn);
      cache.set(entry.executionArn, entry);
      notFoundAt.delete(entry.executionArn);
    },
    forget(entry) {
      entry.known = undefined;
      cache.delete(entry.executionArn);
      notFoundAt.set(entry.executionArn, clock.now());
    },
    isNotFound: (executionArn) =>
      clock.now() - (notFoundAt.get(executionArn) ?? Number.NEGATIVE_INFINITY) <
      notFoundMilliseconds,
  };
}

/** Whether no state is known, or the feed has reported a later one. */
export function isBehind({ known, reportedRank }: Pick<Tracked, 'known' | 'reportedRank'>) {
  return known === undefined || rankOf(known.execution) < reportedRank;
}

/** An upper bound: V8 uses two bytes per UTF-16 code unit, or one for Latin-1 strings. */
function stringBytes({ executionArn, output = '', error = '', cause = '' }: Execution): number {
  return 2 * (executionArn.length + output.length + error.length + cause.length);
}
