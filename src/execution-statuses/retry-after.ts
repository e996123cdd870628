import type { Clock } from '../clock.ts';
import type { Known } from './known-executions.ts';
import type { Transitions } from './transitions.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

const LONGEST_SECONDS = 120;
/** Polls of running executions that one process should have to serve. */
const POLLS_PER_SECOND = 500;

/**
 * Tells callers when to come back: in whole seconds, once there is likely to be news, and spread so
 * that not all come at once. Until then, and some time longer, they are expected.
 */
export function createRetryAfter(options: {
  clock: Clock;
  watched: WatchedExecutions;
  transitions: Pick<Transitions, 'isTableAvailable'>;
  /** Executions that are described in a second. */
  rate: number;
  random(): number;
}): (known: Known | undefined, entry: Watched | undefined) => number {
  const { clock, watched, transitions, rate, random } = options;

  /** Without a table, the executions that were confirmed the longest ago are described first. */
  function secondsToTurn(known: Known | undefined): number {
    if (transitions.isTableAvailable()) return 0;
    return (known ? watched.confirmedBy(known.observedAt) : watched.unknown) / rate;
  }

  return (known, entry) => {
    const seconds = Math.max(1, watched.size / POLLS_PER_SECOND, secondsToTurn(known));
    const spread = Math.round(seconds * (1 + random() / 2));
    const retryAfterSeconds = Math.min(LONGEST_SECONDS, spread);
    if (entry) entry.expectedUntil = clock.now() + 1500 * retryAfterSeconds + 5000;
    return retryAfterSeconds;
  };
}
