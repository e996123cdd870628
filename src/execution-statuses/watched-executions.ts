import { LRUCache } from 'lru-cache';
import type { Clock } from './clock.ts';
import type { Known } from './known-executions.ts';

/** How long an execution counts as asked for after its last poll: twice the longest Retry-After. */
const WATCHED_MILLISECONDS = 60_000;
const WATCHED_MAX = 50_000;

/** Somebody who waits for an answer. */
export interface Caller {
  /** Whether "it still runs" is not enough. */
  untilEnded: boolean;
  settle(known: Known): void;
  fail(error: unknown): void;
}

/** An execution that somebody asks for, and that is not known to have ended. */
export interface Watched {
  readonly executionArn: string;
  readonly callers: Set<Caller>;
  known: Known | undefined;
  /** Why the last DescribeExecution of it failed. */
  failure: unknown;
  /** Whether sweeps have shown it; when `unlisted`, only DescribeExecution tells whether it runs. */
  listing: 'untried' | 'listed' | 'unlisted';
  /** The queue it stands in, and since when. */
  queue: Set<Watched> | undefined;
  queuedAt: number;
  askedAt: number;
}

/**
 * The executions that somebody asks for. Each stands in one queue at most, the longest waiting
 * first. What moves them:
 *
 * - `unseen`: nothing is known of it. A sweep lists it, or else it is `missing`.
 * - `stale`: it ran when last seen, and somebody wants newer. A sweep lists it, or else it `ended`.
 * - `missing`, `ended`: a sweep did not list it, so a DescribeExecution is worth its price.
 * - `blind`: stale, and sweeps do not reach it.
 * - `resting`: somebody waits for its end, but the answer is new enough for now.
 * - `inFlight`: DescribeExecution is under way.
 */
export interface WatchedExecutions {
  readonly queues: Readonly<Record<QueueName, Set<Watched>>>;
  readonly size: number;
  /** All of them, whatever becomes of them meanwhile. */
  values(): readonly Watched[];
  get(executionArn: string): Watched | undefined;
  /** Undefined when there is room for no more. */
  watch(executionArn: string, known: Known | undefined): Watched | undefined;
  unwatch(watched: Watched): void;
  /** To the end of a queue, or out of all. */
  move(watched: Watched, queue: QueueName | undefined): void;
  /** Lets go of those for whom nobody came back. */
  prune(): void;
}

type QueueName = 'unseen' | 'stale' | 'missing' | 'ended' | 'blind' | 'resting' | 'inFlight';

export function createWatchedExecutions(clock: Clock): WatchedExecutions {
  /** In the order in which they were last asked for: setting one again moves it to the end. */
  const byArn = new LRUCache<string, Watched>({ maxSize: WATCHED_MAX, sizeCalculation: () => 1 });
  const queues = {
    unseen: new Set<Watched>(),
    stale: new Set<Watched>(),
    missing: new Set<Watched>(),
    ended: new Set<Watched>(),
    blind: new Set<Watched>(),
    resting: new Set<Watched>(),
    inFlight: new Set<Watched>(),
  };

  function touch(watched: Watched): void {
    watched.askedAt = clock.now();
    byArn.set(watched.executionArn, watched);
  }

  function unwatch(watched: Watched): void {
    watched.queue?.delete(watched);
    watched.queue = undefined;
    byArn.delete(watched.executionArn);
  }

  function oldest(): Watched | undefined {
    const [watched] = byArn.rvalues();
    return watched;
  }

  function prune(): void {
    const expiredAt = clock.now() - WATCHED_MILLISECONDS;
    for (let watched = oldest(); watched && watched.askedAt <= expiredAt; watched = oldest()) {
      if (watched.callers.size > 0) touch(watched);
      else unwatch(watched);
    }
  }

  function makeRoom(): boolean {
    prune();
    if (byArn.size < WATCHED_MAX) return true;
    const leaving = oldest();
    if (leaving === undefined || leaving.callers.size > 0) return false;
    unwatch(leaving);
    return true;
  }

  return {
    queues,
    get size() {
      return byArn.size;
    },
    values: () => [...byArn.values()].filter((watched) => watched !== undefined),
    get: (executionArn) => byArn.peek(executionArn),
    watch(executionArn, known) {
      let watched = byArn.peek(executionArn);
      if (watched === undefined) {
        if (!makeRoom()) return undefined;
        watched = {
          executionArn,
          callers: new Set(),
          known,
          failure: undefined,
          listing: 'untried',
          queue: undefined,
          queuedAt: 0,
          askedAt: 0,
        };
      }
      touch(watched);
      return watched;
    },
    unwatch,
    move(watched, queue) {
      watched.queue?.delete(watched);
      watched.queue = queue && queues[queue];
      watched.queue?.add(watched);
      watched.queuedAt = clock.now();
    },
    prune,
  };
}
