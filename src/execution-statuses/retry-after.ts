import type { Clock } from '../clock.ts';
import type { Known } from './known-executions.ts';
import type { Transitions } from './transitions.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

const MAX_SECONDS = 120;
/** The target for the polls of running executions that one process serves. */
const POLLS_PER_SECOND = 500;

/**
 * Returns a function that computes `Retry-After` in whole seconds: when a newer status is likely,
 * with jitter, so that callers do not all return at once. The execution stays watched until then and
 * somewhat longer.
 */
export function createRetryAfter(options: {
  clock: Clock;
  watched: WatchedExecutions;
  transitions: Pick<Transitions, 'isTableAvailable'>;
  /** DescribeExecution calls per second. */
  rate: number;
  random(): number;
}): (known: Known | undefined, entry: Watched | undefined) => number {
  const { clock, watched, transitions, rate, random } = options;

  /** Without a table, executions are described in the order in which they were last confirmed. */
  function secondsToTurn(known: Known | undefined): number {
    if (transitions.isTableAvailable()) return 0;
    return (known ? watched.confirmedBy(known.observedAt) : watched.unknown) / rate;
  }

  return (known, entry) => {
    const seconds = Math.max(1, watched.size / POLLS_PER_SECOND, secondsToTurn(known));
    const spread = Math.round(seconds * (1 + random() / 2));
    const retryAfterSeconds = Math.min(MAX_SECONDS, spread);
    if (entry) entry.expectedUntil = clock.now() + 1500 * retryAfterSeconds + 5000;
    return retryAfterSeconds;
  };
}
