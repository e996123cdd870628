import type { Clock } from '../clock.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { Feed } from './feed.ts';
import { isBehind, type Known } from './known-executions.ts';

/** A running execution's status younger than this is given without asking again. */
const FRESH_MILLISECONDS = 500;
/** The same where the feed would have reported a change. */
const COVERED_MILLISECONDS = 30_000;
/** A failed execution can be redriven by an operator; one that succeeded is over for good. */
const UNSUCCESSFUL_MILLISECONDS = 120_000;

/** How new a status is, as far as one can know without a call. */
export interface Freshness {
  /** Whether there is no need to ask for a newer one. */
  isCurrent(known: Known): boolean;
  /** Whole seconds since it was last confirmed. */
  ageSeconds(known: Known): number;
}

export function createFreshness(clock: Clock, feed: Feed): Freshness {
  // Once the feed has reported a change, it confirms nothing else.
  const isCovered = (known: Known) => feed.covers(known.observedAt) && !isBehind(known);

  return {
    isCurrent(known) {
      if (isBehind(known)) return false;
      if (known.execution.status === 'SUCCEEDED') return true;
      const age = clock.now() - known.observedAt;
      if (!isRunning(known.execution)) return age < UNSUCCESSFUL_MILLISECONDS;
      return age < FRESH_MILLISECONDS || (age < COVERED_MILLISECONDS && isCovered(known));
    },
    ageSeconds(known) {
      const { observedAt } = known;
      const confirmedAt = isCovered(known) ? Math.max(observedAt, feed.readAt) : observedAt;
      return Math.floor((clock.now() - confirmedAt) / 1000);
    },
  };
}
