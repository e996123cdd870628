import { LRUCache } from 'lru-cache';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { createAlarm } from './alarm.ts';
import type { Clock } from './clock.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What each call adds to its caller's debt; paid off by time, so one call a second costs nothing. */
const CALL = { costs: 1000, atMost: 60_000 };
/** Added where it finds no execution: a caller who makes ARNs up gets what others leave. */
const MISS = { costs: 30_000, atMost: 180_000 };
const INDEBTED_CALLERS_MAX = 10_000;

/** Makes one call, for which there is a token, and takes account of its outcome. */
export type Send = <T>(call: () => Promise<T>) => Promise<T>;

/** A DescribeExecution call that a caller waits for. */
export interface Turn {
  /** Since when, in the clock's milliseconds. */
  readonly since: number;
  readonly caller: string;
  /** Called once its turn has come. */
  start(send: Send): void;
}

/**
 * - `first`: nothing is known of the execution yet
 * - `refresh`: something newer is wanted
 * - `replay`: to settle whether a request under an idempotency key is a replay
 */
export type Lane = 'first' | 'refresh' | 'replay';

/**
 * Decides whose DescribeExecution call is next. The quota is the account's and small, so a call is
 * made only for a caller who waits for it at that moment. Lanes take turns. Within a lane, the one
 * that has waited the longest is next, where debt counts as time not waited.
 */
export interface DescribeBudget {
  /** Starts at once where there is a token. */
  add(lane: Lane, turn: Turn): void;
  delete(turn: Turn): void;
  /** Whether fewer than this would go before such a turn. */
  isNear(lane: Lane, turn: Omit<Turn, 'start'>, places: number): boolean;
  /** Calls that can be made at this moment. */
  tokens(): number;
  close(): void;
}

export function createDescribeBudget(options: {
  rate: number;
  burst: number;
  clock: Clock;
}): DescribeBudget {
  const { clock } = options;
  const bucket = createTokenBucket(options);
  const alarm = createAlarm(clock, serve);
  const lanes = { first: new Set<Turn>(), refresh: new Set<Turn>(), replay: new Set<Turn>() };
  /** The one that has gone the longest without a call comes first. */
  const order = Object.values(lanes);
  // Bounded by size, not by `max`, for which lru-cache would lay out all the room at the start.
  const clearAt = new LRUCache<string, number>({
    maxSize: INDEBTED_CALLERS_MAX,
    sizeCalculation: () => 1,
  });
  let isClosed = false;

  function debtOf({ caller }: Pick<Turn, 'caller'>): number {
    return Math.max(0, (clearAt.peek(caller) ?? 0) - clock.now());
  }

  const dueAt = (turn: Omit<Turn, 'start'>) => turn.since + debtOf(turn);

  function charge(turn: Turn, { costs, atMost }: typeof CALL): void {
    const debt = debtOf(turn);
    clearAt.set(turn.caller, clock.now() + Math.max(debt, Math.min(debt + costs, atMost)));
  }

  function nextIn(lane: ReadonlySet<Turn>): Turn[] {
    let [next] = lane;
    for (const turn of lane) if (next && dueAt(turn) < dueAt(next)) next = turn;
    return next ? [next] : [];
  }

  function serve(): void {
    while (!isClosed && order.some((lane) => lane.size > 0)) {
      if (!bucket.take()) {
        alarm.set(bucket.untilToken());
        return;
      }
      const turns = order.flatMap(nextIn);
      const turn = turns.find((each) => debtOf(each) <= CALL.atMost) ?? turns[0];
      const lane = order.findIndex((each) => turn && each.delete(turn));
      order.push(...order.splice(lane, 1));
      turn?.start((call) => send(turn, call));
    }
  }

  async function send<T>(turn: Turn, call: () => Promise<T>): Promise<T> {
    charge(turn, CALL);
    try {
      return await call();
    } catch (error) {
      const failure = error instanceof StepFunctionsError ? error.failure : undefined;
      if (failure === 'not-found') charge(turn, MISS);
      if (failure === 'throttled') bucket.slowDown();
      throw error;
    } finally {
      bucket.returned();
      serve();
    }
  }

  return {
    add(lane, turn) {
      lanes[lane].add(turn);
      serve();
    },
    delete(turn) {
      for (const lane of order) lane.delete(turn);
    },
    isNear(lane, turn, places) {
      const isAhead = (other: Turn) => dueAt(other) <= dueAt(turn);
      return lanes[lane].values().filter(isAhead).take(places).toArray().length < places;
    },
    tokens: bucket.tokens,
    close() {
      isClosed = true;
      alarm.cancel();
    },
  };
}
