import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What each call adds to its caller's debt; paid off by time, so one call a second costs nothing. */
const CALL = { costs: 1000, atMost: 60_000 };
/** Added where it finds no execution: a caller who makes ARNs up gets what others leave. */
const MISS = { costs: 30_000, atMost: 180_000 };
const INDEBTED_CALLERS_MAX = 10_000;

/** Makes one call, for which there is a token, and takes account of its outcome. */
export type Send = <T>(call: () => Promise<T>) => Promise<T>;

/** A call that a caller waits for. */
export interface Turn {
  /** Since when, in the clock's milliseconds. */
  readonly since: number;
  readonly caller: string;
  /** Called once its turn has come. */
  start(send: Send): void;
}

/**
 * Decides whose call of one of AWS's operations is next. Its quota is the account's and small, so a
 * call is made only for a caller who waits for it at that moment. Lanes, one for each purpose, take
 * turns. Within a lane, the one that has waited the longest is next, where debt counts as time not
 * waited.
 */
export interface CallBudget<Lane extends string> {
  /** Starts at once where there is a token. */
  add(lane: Lane, turn: Turn): void;
  delete(turn: Turn): void;
  /** Whether fewer than this would go before such a turn. */
  isNear(lane: Lane, turn: Omit<Turn, 'start'>, places: number): boolean;
  /** Calls that can be made at this moment. */
  tokens(): number;
  close(): void;
}

/**
 * @param options.rate calls a second
 * @param options.burst calls at once
 */
export function createCallBudget<Lane extends string>(options: {
  lanes: readonly Lane[];
  rate: number;
  burst: number;
  clock: Clock;
}): CallBudget<Lane> {
  const { clock } = options;
  const bucket = createTokenBucket(options);
  const lanes = new Map(options.lanes.map((lane) => [lane, new Set<Turn>()]));
  /** The one that has gone the longest without a call comes first. */
  const order = [...lanes.values()];
  // Bounded by size, not by `max`, for which lru-cache would lay out all the room at the start.
  const clearAt = new LRUCache<string, number>({
    maxSize: INDEBTED_CALLERS_MAX,
    sizeCalculation: () => 1,
  });
  let stopTimer: (() => void) | undefined;
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
        serveLater(bucket.untilToken());
        return;
      }
      const turns = order.flatMap(nextIn);
      // A lane where all are deep in debt takes what the others leave.
      const turn = turns.find((each) => debtOf(each) <= CALL.atMost) ?? turns[0];
      const lane = order.findIndex((each) => turn && each.delete(turn));
      order.push(...order.splice(lane, 1));
      turn?.start((call) => send(turn, call));
    }
  }

  function serveLater(milliseconds: number): void {
    // Without an end it depends on a call that is under way, which then serves.
    if (stopTimer || milliseconds === Number.POSITIVE_INFINITY) return;
    stopTimer = clock.schedule(Math.max(1, milliseconds), () => {
      stopTimer = undefined;
      serve();
    });
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
      lanes.get(lane)?.add(turn);
      serve();
    },
    delete(turn) {
      for (const lane of order) lane.delete(turn);
    },
    isNear(lane, turn, places) {
      const isAhead = (other: Turn) => dueAt(other) <= dueAt(turn);
      const ahead = lanes.get(lane)?.values().filter(isAhead).take(places).toArray() ?? [];
      return ahead.length < places;
    },
    tokens: bucket.tokens,
    close() {
      isClosed = true;
      stopTimer?.();
    },
  };
}
