import type { Clock } from '../clock.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { Feed } from './feed.ts';
import { isBehind, type Known, type Tracked } from './tracked-executions.ts';

/** The status of a running execution is cached this long. */
const freshMilliseconds = 1000;
/** The same while the feed would report a change. */
const coveredMilliseconds = 30_000;
/** The status of an execution that failed is cached this long, since an operator can redrive it. */
const unsuccessfulMilliseconds = 120_000;

/** Computes how fresh a known state is, without a call. */
export interface Freshness {
  /** Until when the known state can be returned without asking for a newer one, as `Clock.now`. */
  currentUntil(entry: Tracked): number;
  isCurrent(entry: Tracked): boolean;
  /** Whole seconds since the known state was last confirmed. */
  ageSeconds(entry: Tracked, known: Known): number;
}

export function createFreshness(clock: Clock, feed: Feed): Freshness {
  function currentUntil(entry: Tracked): number {
    const { known } = entry;
    if (known === undefined || isBehind(entry)) return Number.NEGATIVE_INFINITY;
    const { execution, observedAt } = known;
    if (execution.status === 'SUCCEEDED') return Number.POSITIVE_INFINITY;
    if (!isRunning(execution)) return observedAt + unsuccessfulMilliseconds;
    return observedAt + (feed.covers(observedAt) ? coveredMilliseconds : freshMilliseconds);
  }

  return {
    currentUntil,
    isCurrent: (entry) => clock.now() < currentUntil(entry),
    ageSeconds(entry, { observedAt }) {
      // The feed does not confirm a status once it has reported a change of it.
      const isCovered = feed.covers(observedAt) && !isBehind(entry);
      const confirmedAt = isCovered ? Math.max(observedAt, feed.readAt) : observedAt;
      return Math.floor((clock.now() - confirmedAt) / 1000);
    },
  };
}
