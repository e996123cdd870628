import type { Known, KnownExecutions } from './known-executions.ts';
import type { RunningPage } from './status-calls.ts';
import type { Watched, WatchedExecutions } from './watched-executions.ts';

/** ListExecutions is eventually consistent: a new execution may not be listed yet. */
const LISTED_AFTER_MILLISECONDS = 3000;

/** One reading of the list of running executions. */
export interface Sweep {
  readonly startedAt: number;
  readonly pages: number;
  readonly nextToken: string | undefined;
  /** Executions on which the pages to come will tell. */
  readonly expected: number;
  /** Takes in the next page, which was asked for at `observedAt`. */
  read(page: RunningPage, observedAt: number): void;
  /** Takes leave of what the pages did not reach. */
  finish(): void;
}

/**
 * Compares the list, page by page, with the executions watched at its start. The list is sorted by
 * start date, newest first: once a page has gone past an execution's start date without showing
 * it, it no longer runs. That is a hint only (pages shift while we read, and the list is eventually
 * consistent), so the execution is then described. An execution that we first heard of during the
 * sweep or shortly before is not judged.
 *
 * @param options.onListed hears of every watched execution that still runs
 */
export function startSweep(options: {
  known: KnownExecutions;
  watched: WatchedExecutions;
  startedAt: number;
  onListed(watched: Watched, known: Known): void;
}): Sweep {
  const { known, watched, startedAt, onListed } = options;
  const candidates = watched
    .values()
    .filter(isJudged)
    .sort((a, b) => startTime(b) - startTime(a));
  let judged = 0;
  let pages = 0;
  let nextToken: string | undefined;

  function isJudged({ known, listing }: Watched): boolean {
    if (known === undefined || listing === 'unlisted') return false;
    return listing === 'listed' || startedAt - known.knownSince >= LISTED_AFTER_MILLISECONDS;
  }

  return {
    startedAt,
    get pages() {
      return pages;
    },
    get nextToken() {
      return nextToken;
    },
    get expected() {
      return candidates.length - judged;
    },
    read(page, observedAt) {
      pages += 1;
      nextToken = page.nextToken;
      for (const { executionArn, startDate } of page.executions) {
        const listed = known.record({ executionArn, status: 'RUNNING', startDate }, observedAt);
        const entry = watched.get(executionArn);
        if (entry === undefined) continue;
        entry.listing = 'listed';
        onListed(entry, listed);
      }
      const oldest = page.executions.at(-1)?.startDate.getTime() ?? Number.POSITIVE_INFINITY;
      const reached = nextToken === undefined ? Number.NEGATIVE_INFINITY : oldest;
      for (; judged < candidates.length; judged += 1) {
        const entry = candidates[judged];
        if (entry === undefined || startTime(entry) <= reached) break;
        const { queues } = watched;
        const waits = entry.queue === queues.stale || entry.queue === queues.resting;
        const free = entry.queue === undefined && watched.get(entry.executionArn) === entry;
        const unheard = (entry.known?.observedAt ?? startedAt) < startedAt;
        if (unheard && (waits || free)) watched.move(entry, 'ended');
      }
    },
    finish() {
      for (const entry of candidates.slice(judged)) {
        entry.listing = 'unlisted';
        if (entry.queue === watched.queues.stale) watched.move(entry, 'blind');
      }
      for (const entry of watched.queues.unseen) {
        if (entry.queuedAt > startedAt) break;
        watched.move(entry, 'missing');
      }
    },
  };
}

function startTime({ known }: Watched): number {
  return known?.execution.startDate.getTime() ?? Number.POSITIVE_INFINITY;
}
