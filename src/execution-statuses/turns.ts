import type { CallBudget } from '../call-budget/call-budget.ts';
import type { Clock } from '../clock.ts';
import type { Tracked } from './tracked-executions.ts';

/** The target for the polls of running executions that one process serves. */
const pollsPerSecond = 500;
/** The range of `Retry-After`. */
const minMilliseconds = 1000;
const maxMilliseconds = 120_000;
/** How long before its turn a caller may wait for a newer status. */
const nearMilliseconds = 1500;

/**
 * The order in which executions are described. Each gets a turn, and the turns follow one another at
 * the rate of the describe budget. `Retry-After` says when the turn comes, so callers do not all
 * return at once, and find a token when they do. While the table is available, no poll needs a token:
 * the turns then only spread the polls, each of which costs CPU time.
 */
export interface Turns {
  /** Returns when the execution is to be described next, as `Clock.now`. */
  turnOf(entry: Tracked): number;
  /** Whether a newer status can be had soon, so that a caller should wait for it. */
  isNear(entry: Tracked): boolean;
  /** Returns `Retry-After`: the whole seconds until the next turn. */
  retryAfterSeconds(entry: Tracked): number;
}

/** @param options.rate DescribeExecution calls per second */
export function createTurns(options: {
  clock: Clock;
  rate: number;
  budget: Pick<CallBudget<never>, 'tokens' | 'isScarce'>;
  isTableAvailable(): boolean;
}): Turns {
  const { clock, rate, budget, isTableAvailable } = options;
  const nextDescription = createLine(clock, rate, Number.POSITIVE_INFINITY);
  // A line of their own: callers who invent ARNs delay only each other.
  const nextFirst = createLine(clock, rate, maxMilliseconds);
  const nextPoll = createLine(clock, pollsPerSecond, maxMilliseconds);

  function turnOf(entry: Tracked): number {
    const { known, awaitedSince } = entry;
    if (known === undefined) return awaitedSince;
    // The turn is used up. An execution that was described before its turn keeps it.
    if (known.observedAt >= entry.turnAt) entry.turnAt = nextDescription();
    return entry.turnAt;
  }

  function millisecondsToTurn(entry: Tracked): number {
    if (isTableAvailable()) return nextPoll() - clock.now();
    if (entry.known === undefined) return nextFirst() - clock.now();
    const turnAt = turnOf(entry);
    // Callers who do not return for their turns leave tokens.
    return budget.isScarce() ? turnAt - clock.now() : 0;
  }

  return {
    turnOf,
    isNear(entry) {
      if (isTableAvailable() || budget.tokens() >= 1) return true;
      return turnOf(entry) - clock.now() < nearMilliseconds;
    },
    retryAfterSeconds(entry) {
      const milliseconds = Math.max(minMilliseconds, millisecondsToTurn(entry));
      return Math.ceil(Math.min(maxMilliseconds, milliseconds) / 1000);
    },
  };
}

/** Returns a function that returns the time of the next turn, in at most `limit` milliseconds. */
function createLine(clock: Clock, rate: number, limit: number): () => number {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now();
    last = Math.min(Math.max(last, now) + 1000 / rate, now + limit);
    return last;
  };
}
