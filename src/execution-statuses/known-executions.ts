import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';

/** DescribeExecution is eventually consistent: what is not found may be there in a moment. */
const NOT_FOUND_KEPT_MILLISECONDS = 1000;
const RUNNING_MAX = 50_000;
const ENDED_MAX_BYTES = 64 * 1024 * 1024;
const NOT_FOUND_MAX = 1000;
/** Of an entry without its texts: objects, dates, the cache's own. */
const ENTRY_BYTES = 500;

/** How an execution's state became known; `feed`: read from the table once the feed reported it. */
export type Source = 'start' | 'table' | 'feed' | 'description';

/** The latest known state of an execution. Times are the clock's milliseconds. */
export interface Known {
  readonly execution: Execution;
  /** When it was first known. */
  readonly knownSince: number;
  /** When the call was made that was the last to confirm this state, and which it was. */
  observedAt: number;
  source: Source;
  /** The highest rank that the feed has reported: there is news where the state's is lower. */
  reportedRank: number;
}

/** All that is known, whether or not anybody asks at the moment. Bounded. */
export interface KnownExecutions {
  get(executionArn: string): Known | undefined;
  /** Merges an observation: a higher rank wins, an equal one confirms, a lower one is old. */
  record(execution: Execution, observedAt: number, source: Source, reportedRank: number): Known;
  /** Takes down that the feed has reported this rank. */
  report(executionArn: string, rank: number): void;
  /** Whether it was not found a moment ago. */
  isNotFound(executionArn: string): boolean;
  recordNotFound(executionArn: string): void;
  sizes(): { running: number; ended: number; endedBytes: number };
}

export function createKnownExecutions(clock: Clock): KnownExecutions {
  // Bounded by size, not by `max`, for which lru-cache would lay out all the room at the start.
  const running = new LRUCache<string, Known>({ maxSize: RUNNING_MAX, sizeCalculation: () => 1 });
  const ended = new LRUCache<string, Known>({
    maxSize: ENDED_MAX_BYTES,
    sizeCalculation: ({ execution }) => ENTRY_BYTES + bytesOfTexts(execution),
  });
  const notFoundAt = new LRUCache<string, number>({ max: NOT_FOUND_MAX });

  const get = (executionArn: string) => ended.get(executionArn) ?? running.get(executionArn);

  return {
    get,
    record(execution, observedAt, source, reportedRank) {
      const { executionArn } = execution;
      const before = get(executionArn);
      const rankBefore = before ? rankOf(before.execution) : Number.NEGATIVE_INFINITY;
      if (before !== undefined && rankOf(execution) <= rankBefore) {
        before.reportedRank = Math.max(before.reportedRank, reportedRank);
        if (rankOf(execution) === rankBefore && observedAt > before.observedAt) {
          Object.assign(before, { observedAt, source });
        }
        return before;
      }
      const known: Known = {
        execution,
        source,
        observedAt,
        knownSince: before?.knownSince ?? observedAt,
        reportedRank: Math.max(before?.reportedRank ?? 0, reportedRank),
      };
      const [cache, other] = isRunning(execution) ? [running, ended] : [ended, running];
      other.delete(executionArn);
      cache.set(executionArn, known);
      notFoundAt.delete(executionArn);
      return known;
    },
    report(executionArn, rank) {
      const known = get(executionArn);
      if (known !== undefined) known.reportedRank = Math.max(known.reportedRank, rank);
    },
    isNotFound: (executionArn) =>
      clock.now() - (notFoundAt.get(executionArn) ?? Number.NEGATIVE_INFINITY) <
      NOT_FOUND_KEPT_MILLISECONDS,
    recordNotFound(executionArn) {
      running.delete(executionArn);
      notFoundAt.set(executionArn, clock.now());
    },
    sizes: () => ({
      running: running.size,
      ended: ended.size,
      endedBytes: ended.calculatedSize,
    }),
  };
}

/** Whether the feed has reported a later state than this. */
export function isBehind({ execution, reportedRank }: Known): boolean {
  return reportedRank > rankOf(execution);
}

/** JavaScript holds a string in two bytes a character, or in one where all are Latin-1. */
function bytesOfTexts({ executionArn, output = '', error = '', cause = '' }: Execution): number {
  return 2 * (executionArn.length + output.length + error.length + cause.length);
}
