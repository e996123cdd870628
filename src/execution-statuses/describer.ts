import { failureOf } from '../step-functions/errors.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { Clock } from './clock.ts';
import { createErrands, type Errands } from './errands.ts';
import type { CancellableCalls } from './status-calls.ts';
import type { Sweeper } from './sweeper.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

/** How long an execution nobody knows waits for a sweep before it is described after all. */
const SWEEP_AWAITED_MILLISECONDS = 1500;

/** Spends the describe budget. */
export interface Describer {
  /** Makes the calls for which there are tokens. */
  advance(): void;
  /** Milliseconds until a call can be made, if nothing else happens. */
  untilNext(): number;
  /** DescribeExecution calls of others, which have every second token where statuses want one too. */
  readonly errands: Errands;
  statistics(): { readonly describeCalls: number; readonly describesThrottled: number };
}

/** An execution to describe, in how many milliseconds, and whether out of what flows in. */
interface Turn {
  readonly entry: Watched;
  readonly wait: number;
  readonly isPaced: boolean;
}

/**
 * Describes executions in three turns, so that none starves another: those of which nothing is
 * known, those that a sweep no longer listed, those of which somebody wants newer news. Within a
 * turn the longest waiting goes first. Errands take turns with all of them.
 *
 * The burst belongs to those that a sweep did not list, since their answers are final. What may
 * well still run is paced: it spends no more than what flows in. When more of that is asked for,
 * its queues grow, and the sweeper takes over.
 *
 * @param options.onDescribed hears the answer, and in which queue the execution had stood
 */
export function createDescriber(options: {
  calls: CancellableCalls;
  clock: Clock;
  budget: TokenBucket;
  sweeper: Sweeper;
  watched: WatchedExecutions;
  onDescribed(entry: Watched, execution: Execution, askedAt: number, from: Set<Watched>): void;
  onFailed(entry: Watched, error: unknown, from: Set<Watched>): void;
  onChange(): void;
}): Describer {
  const { calls, clock, budget, sweeper, watched } = options;
  const { unseen, missing, ended, stale, blind } = watched.queues;
  const { rate, burst } = budget;
  const pace = createTokenBucket({ rate, burst: Math.max(1, Math.min(burst, rate / 2)), clock });
  let describeCalls = 0;
  let describesThrottled = 0;
  const turns = [turnOfUnseen, turnOfEnded, turnOfStale];
  let served = 0;
  let wasErrand = false;
  const errands = createErrands({ clock, onQueued: options.onChange, onReturned: returned });

  function turnOfUnseen(): Turn | undefined {
    const unlisted = first(missing);
    if (unlisted !== undefined) return { entry: unlisted, wait: 0, isPaced: false };
    const entry = first(unseen);
    if (entry === undefined) return undefined;
    if (!sweeper.isAvailable()) return { entry, wait: 0, isPaced: false };
    // What flows into a full bucket is lost, so it costs nothing.
    const isFree = !sweeper.isSweeping() || budget.tokens() >= burst - rate;
    const patience = isFree ? 0 : entry.queuedAt + SWEEP_AWAITED_MILLISECONDS - clock.now();
    return { entry, wait: Math.max(patience, pace.untilToken()), isPaced: true };
  }

  function turnOfEnded(): Turn | undefined {
    const entry = first(ended);
    return entry && { entry, wait: 0, isPaced: false };
  }

  function turnOfStale(): Turn | undefined {
    const entry = first(blind) ?? (sweeper.isSweeping() ? undefined : first(stale));
    return entry && { entry, wait: pace.untilToken(), isPaced: true };
  }

  function nextTurn(): Turn | undefined {
    for (let i = 1; i <= turns.length; i += 1) {
      const index = (served + i) % turns.length;
      const turn = turns[index]?.();
      if (turn === undefined || turn.wait > 0) continue;
      served = index;
      return turn;
    }
    return undefined;
  }

  async function describe(entry: Watched): Promise<void> {
    const from = entry.queue ?? stale;
    const askedAt = clock.now();
    watched.move(entry, 'inFlight');
    describeCalls += 1;
    let failure: unknown;
    try {
      const execution = await calls.describe(entry.executionArn);
      options.onDescribed(entry, execution, askedAt, from);
    } catch (error) {
      failure = error;
      options.onFailed(entry, error, from);
    } finally {
      returned(failure);
    }
  }

  function returned(failure: unknown): void {
    if (failureOf(failure) === 'throttled') {
      describesThrottled += 1;
      budget.slowDown();
    }
    budget.returned();
    options.onChange();
  }

  return {
    advance() {
      while (budget.untilToken() === 0) {
        const turn = errands.isWaiting() && !wasErrand ? undefined : nextTurn();
        if (turn === undefined && !errands.isWaiting()) return;
        wasErrand = turn === undefined;
        budget.take();
        if (turn === undefined) {
          describeCalls += 1;
          errands.sendNext();
          continue;
        }
        if (turn.isPaced) {
          pace.take();
          // Only the rate is paced; how many calls are under way is the budget's affair.
          pace.returned();
        }
        void describe(turn.entry);
      }
    },
    untilNext() {
      if (errands.isWaiting()) return budget.untilToken();
      const waits = turns.map((turn) => turn()?.wait ?? Number.POSITIVE_INFINITY);
      return Math.max(budget.untilToken(), Math.min(...waits));
    },
    errands,
    statistics: () => ({ describeCalls, describesThrottled }),
  };
}

function first<T>(queue: ReadonlySet<T>): T | undefined {
  const [entry] = queue;
  return entry;
}
