import type { Clock } from '../clock.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { Feed } from './feed.ts';
import { isBehind, type Known } from './known-executions.ts';

/** The status of a running execution is cached this long. */
const FRESH_MILLISECONDS = 500;
/** The same while the feed would report a change. */
const COVERED_MILLISECONDS = 30_000;
/** The status of an execution that failed is cached this long, since an operator can redrive it. */
const UNSUCCESSFUL_MILLISECONDS = 120_000;

/** Computes how fresh a cached status is, without a call. */
export interface Freshness {
  /** Whether the status can be returned without asking for a newer one. */
  isCurrent(known: Known): boolean;
  /** Whole seconds since the status was last confirmed. */
  ageSeconds(known: Known): number;
}

export function createFreshness(clock: Clock, feed: Feed): Freshness {
  // A status is not confirmed once the feed has reported a change of it.
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
