import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';

/** Short, because DescribeExecution is eventually consistent and may find the execution soon. */
const NOT_FOUND_CACHE_MILLISECONDS = 1000;
const RUNNING_MAX = 50_000;
const ENDED_MAX_BYTES = 64 * 1024 * 1024;
const NOT_FOUND_MAX = 1000;
/** The size of an entry without its strings: objects, dates and the overhead of the cache. */
const ENTRY_BYTES = 500;

/** How a state became known. `feed`: read from the table after the feed reported a change. */
export type Source = 'start' | 'table' | 'feed' | 'description';

/** The latest known state of an execution. Times are as `Clock.now`. */
export interface Known {
  readonly execution: Execution;
  /** When the execution first became known. */
  readonly knownSince: number;
  /** When the call was sent that last confirmed this state. */
  observedAt: number;
  /** How that call confirmed it. */
  source: Source;
  /** The highest rank that the feed has reported. A newer state exists if it exceeds the state's. */
  reportedRank: number;
}

/** A bounded cache of the known states, whether or not a caller is asking for them. */
export interface KnownExecutions {
  get(executionArn: string): Known | undefined;
  /** Merges an observation: a higher rank replaces, an equal rank confirms, a lower one is ignored. */
  record(execution: Execution, observedAt: number, source: Source, reportedRank: number): Known;
  /** Whether the execution was recently not found. */
  isNotFound(executionArn: string): boolean;
  recordNotFound(executionArn: string): void;
  sizes(): { running: number; ended: number; endedBytes: number };
}

export function createKnownExecutions(clock: Clock): KnownExecutions {
  // Bounded by `maxSize`, because lru-cache allocates memory for all of `max` at the start.
  const running = new LRUCache<string, Known>({ maxSize: RUNNING_MAX, sizeCalculation: () => 1 });
  const ended = new LRUCache<string, Known>({
    maxSize: ENDED_MAX_BYTES,
    sizeCalculation: ({ execution }) => ENTRY_BYTES + stringBytes(execution),
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
    isNotFound: (executionArn) =>
      clock.now() - (notFoundAt.get(executionArn) ?? Number.NEGATIVE_INFINITY) <
      NOT_FOUND_CACHE_MILLISECONDS,
    recordNotFound(executionArn) {
      for (const cache of [running, ended]) cache.delete(executionArn);
      notFoundAt.set(executionArn, clock.now());
    },
    sizes: () => ({
      running: running.size,
      ended: ended.size,
      endedBytes: ended.calculatedSize,
    }),
  };
}

/** Whether the feed has reported a later state than the known one. */
export function isBehind({ execution, reportedRank }: Known): boolean {
  return reportedRank > rankOf(execution);
}

/** An upper bound: V8 uses two bytes per UTF-16 code unit, or one for Latin-1 strings. */
function stringBytes({ executionArn, output = '', error = '', cause = '' }: Execution): number {
  return 2 * (executionArn.length + output.length + error.length + cause.length);
}
