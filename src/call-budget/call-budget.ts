import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { createTokenBucket } from './token-bucket.ts';

/**
 * The debt that each call adds to its caller, up to a limit. Debt decreases with time, so one call per
 * second leaves none.
 */
const callDebt = { milliseconds: 1000, limit: 60_000 };
/** Added if the call finds no execution: a caller who invents ARNs gets only leftover capacity. */
const notFoundDebt = { milliseconds: 30_000, limit: 180_000 };
const indebtedCallersMax = 10_000;

/** Makes the one call that a token was taken for, and accounts for its outcome. */
export type Send = <T>(call: () => Promise<T>) => Promise<T>;

/** A call that waits for a token. */
export interface QueuedCall {
  /** When it is the turn of the call, as `Clock.now`. It starts earlier if there is a token. */
  readonly turnAt: number;
  /** Who waits for it. The caller with the least debt pays, so no debt delays another caller. */
  readonly callers: Iterable<{ readonly id: string }>;
  /** Called when there is a token for the call. */
  start(send: Send): void;
}

/**
 * Shares the quota of one AWS operation fairly. The quota is small and applies to the whole account,
 * so a call is made only while a caller waits for it. Lanes, one for each purpose, take turns.
 * Within a lane, the call with the earliest turn is next. A caller's debt delays its turns.
 */
export interface CallBudget<Lane extends string> {
  /** Adds a call, which starts at once if there is a token. */
  add(lane: Lane, queued: QueuedCall): void;
  delete(queued: QueuedCall): void;
  /** Calls that can be made now. */
  tokens(): number;
  /** Whether less than half of the burst is left. */
  isScarce(): boolean;
  close(): void;
}

/**
 * @param options.rate calls per second
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
  const lanes = new Map(options.lanes.map((lane) => [lane, new Set<QueuedCall>()]));
  /** The lane that has waited longest for a call is first. */
  const order = [...lanes.values()];
  // Bounded by `maxSize`, because lru-cache allocates memory for all of `max` at the start.
  const debtFreeAt = new LRUCache<string, number>({
    maxSize: indebtedCallersMax,
    sizeCalculation: () => 1,
  });
  let stopTimer: (() => void) | undefined;
  let isClosed = false;

  function debtOf(caller: string): number {
    return Math.max(0, (debtFreeAt.peek(caller) ?? 0) - clock.now());
  }

  function payerOf({ callers }: QueuedCall): string {
    let payer: string | undefined;
    for (const { id } of callers) {
      if (payer === undefined || debtOf(id) < debtOf(payer)) payer = id;
    }
    return payer ?? '';
  }

  const dueAt = (queued: QueuedCall) => queued.turnAt + debtOf(payerOf(queued));

  function charge(caller: string, { milliseconds, limit }: typeof callDebt): void {
    const debt = debtOf(caller);
    const charged = Math.max(debt, Math.min(debt + milliseconds, limit));
    debtFreeAt.set(caller, clock.now() + charged);
  }

  function nextIn(lane: ReadonlySet<QueuedCall>): QueuedCall[] {
    let next: QueuedCall | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const queued of lane) {
      const due = dueAt(queued);
      if (next && due >= earliest) continue;
      next = queued;
      earliest = due;
    }
    return next ? [next] : [];
  }

  function serve(): void {
    while (!isClosed && order.some((lane) => lane.size > 0)) {
      if (!bucket.take()) {
        serveLater(bucket.millisecondsToToken());
        return;
      }
      const candidates = order.flatMap(nextIn);
      // A lane in which all callers are deep in debt gets only leftover tokens.
      const isDeepInDebt = (each: QueuedCall) => debtOf(payerOf(each)) > callDebt.limit;
      const queued = candidates.find((each) => !isDeepInDebt(each)) ?? candidates[0];
      const lane = order.findIndex((each) => queued && each.delete(queued));
      order.push(...order.splice(lane, 1));
      if (queued) start(queued);
    }
  }

  function start(queued: QueuedCall): void {
    const payer = payerOf(queued);
    queued.start((call) => send(payer, call));
  }

  function serveLater(milliseconds: number): void {
    // Infinity: the next token depends on a call in flight, which calls `serve` when it ends.
    if (stopTimer || milliseconds === Number.POSITIVE_INFINITY) return;
    stopTimer = clock.schedule(Math.max(1, milliseconds), () => {
      stopTimer = undefined;
      serve();
    });
  }

  async function send<T>(caller: string, call: () => Promise<T>): Promise<T> {
    charge(caller, callDebt);
    try {
      return await call();
    } catch (error) {
      const failure = error instanceof StepFunctionsError ? error.failure : undefined;
      if (failure === 'not-found') charge(caller, notFoundDebt);
      if (failure === 'throttled') bucket.slowDown();
      throw error;
    } finally {
      bucket.release();
      serve();
    }
  }

  return {
    add(lane, queued) {
      lanes.get(lane)?.add(queued);
      serve();
    },
    delete(queued) {
      for (const lane of order) lane.delete(queued);
    },
    tokens: bucket.tokens,
    isScarce: () => bucket.tokens() < bucket.burst / 2,
    close() {
      isClosed = true;
      stopTimer?.();
    },
  };
}
