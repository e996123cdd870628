import { failureOf } from '../step-functions/errors.ts';
import type { Clock } from './clock.ts';
import type { Known, KnownExecutions } from './known-executions.ts';
import type { CancellableCalls } from './status-calls.ts';
import { type Sweep, startSweep } from './sweep.ts';
import type { TokenBucket } from './token-bucket.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

const SHORTEST_INTERVAL_MILLISECONDS = 1000;
/** Describing everybody within this is soon enough, however cheap a sweep. */
const SOON_SECONDS = 0.5;
/** How long the length of the last sweep says something about the next. */
const LENGTH_GOOD_FOR_MILLISECONDS = 60_000;
/** How long after a sweep was due, with few to ask for it, describing becomes the rule again. */
const LINGER_MILLISECONDS = 1000;
const FIRST_PAUSE_MILLISECONDS = 5000;
const LONGEST_PAUSE_MILLISECONDS = 600_000;

/** Decides when a sweep is cheaper than describing, and makes it within the list budget. */
export interface Sweeper {
  /** Does what is due. */
  advance(): void;
  /** Milliseconds until something is due that no other event brings about. */
  untilNext(): number;
  /** Whether `unseen` and `stale` executions are to wait for a sweep, under way or soon to come. */
  isSweeping(): boolean;
  /** False for a while after a sweep failed, as it does without permission to list. */
  isAvailable(): boolean;
  /** Seconds between two sweeps. */
  interval(): number;
  statistics(): { readonly listCalls: number; readonly listsThrottled: number };
}

/**
 * @param options.describeRate DescribeExecution calls per second that the alternative may make
 * @param options.onListed hears of every watched execution that a sweep shows to run
 * @param options.onChange called after each answer
 * @param options.onFailure hears of the first of a row of failures
 */
export function createSweeper(options: {
  calls: CancellableCalls;
  clock: Clock;
  budget: TokenBucket;
  describeRate: number;
  known: KnownExecutions;
  watched: WatchedExecutions;
  onListed(watched: Watched, known: Known): void;
  onChange(): void;
  onFailure(error: unknown): void;
}): Sweeper {
  const { calls, clock, budget, describeRate, known, watched, onListed } = options;
  const { unseen, stale } = watched.queues;
  let listCalls = 0;
  let listsThrottled = 0;
  let sweep: Sweep | undefined;
  let mostPages = 0;
  let isReading = false;
  /** Whether the last decision was for sweeping; it holds until `nextAt`. */
  let isChosen = false;
  let nextAt = Number.NEGATIVE_INFINITY;
  let last = { pages: 1, at: Number.NEGATIVE_INFINITY };
  let failures = 0;

  const expectedPages = () =>
    clock.now() - last.at < LENGTH_GOOD_FOR_MILLISECONDS ? last.pages : 1;

  const interval = () =>
    Math.max(SHORTEST_INTERVAL_MILLISECONDS / 1000, expectedPages() / budget.rate);

  const secondsToDescribe = () => (unseen.size + stale.size) / describeRate;

  function choose(): void {
    const isWorthIt = secondsToDescribe() > Math.max(SOON_SECONDS, expectedPages() / budget.rate);
    if (!isWorthIt) {
      // A crowd may come back at any moment; only when it does not are those few described.
      if (clock.now() >= nextAt + LINGER_MILLISECONDS) isChosen = false;
      return;
    }
    isChosen = true;
    mostPages = 0;
    sweep = startSweep({ known, watched, startedAt: clock.now(), onListed });
  }

  function isDone({ pages, nextToken, expected }: Sweep): boolean {
    if (nextToken === undefined || pages >= mostPages) return true;
    // An unseen execution may be of any age: looking for it is worth what the budget has to spare.
    return expected === 0 && (unseen.size === 0 || budget.untilToken() > 0);
  }

  async function readPage(reading: Sweep): Promise<void> {
    const askedAt = clock.now();
    isReading = true;
    listCalls += 1;
    // Beyond these it would be cheaper to describe; but more may have come to ask meanwhile.
    mostPages = Math.max(mostPages, Math.ceil(secondsToDescribe() * budget.rate));
    try {
      reading.read(await calls.listRunning(reading.nextToken), askedAt);
      failures = 0;
      if (isDone(reading)) finish(reading);
    } catch (error) {
      failed(error);
    } finally {
      isReading = false;
      budget.returned();
      options.onChange();
    }
  }

  function finish(finished: Sweep): void {
    finished.finish();
    sweep = undefined;
    last = { pages: finished.pages, at: clock.now() };
    nextAt = finished.startedAt + interval() * 1000;
  }

  function failed(error: unknown): void {
    if (failureOf(error) === 'throttled') {
      listsThrottled += 1;
      budget.slowDown();
      return;
    }
    const pause = Math.min(LONGEST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** failures);
    failures += 1;
    sweep = undefined;
    isChosen = false;
    nextAt = clock.now() + pause;
    if (failures === 1) options.onFailure(error);
  }

  return {
    advance() {
      if (sweep === undefined && clock.now() >= nextAt) choose();
      if (sweep !== undefined && !isReading && budget.take()) void readPage(sweep);
    },
    untilNext() {
      if (isReading) return Number.POSITIVE_INFINITY;
      if (sweep !== undefined) return budget.untilToken();
      if (!isChosen || unseen.size + stale.size === 0) return Number.POSITIVE_INFINITY;
      const wait = nextAt - clock.now();
      return wait > 0 ? wait : wait + LINGER_MILLISECONDS;
    },
    isSweeping: () => isChosen,
    isAvailable: () => failures === 0,
    interval,
    statistics: () => ({ listCalls, listsThrottled }),
  };
}
