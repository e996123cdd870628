import { LRUCache } from 'lru-cache';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import type { Clock } from './clock.ts';

/** A successful execution is over for good; a failed one can be redriven by an operator. */
const UNSUCCESSFUL_KEPT_MILLISECONDS = 120_000;
/** DescribeExecution is eventually consistent: what is not found may be there in a moment. */
const NOT_FOUND_KEPT_MILLISECONDS = 1000;
const RUNNING_MAX = 50_000;
const ENDED_MAX_BYTES = 64 * 1024 * 1024;
const NOT_FOUND_MAX = 1000;
/** Of an entry without its texts: objects, dates, the cache's own. */
const ENTRY_BYTES = 500;

/** What Step Functions last said of an execution. Times are the clock's milliseconds. */
export interface Known {
  readonly execution: Execution;
  /** When we asked: the answer was true at that time or later. */
  readonly observedAt: number;
  /** When we first heard of it. */
  readonly knownSince: number;
}

/** Everything known of executions, whether or not anybody asks at the moment. Bounded. */
export interface KnownExecutions {
  get(executionArn: string): Known | undefined;
  /** Keeps the answer, unless a later one, or that the execution ended, is known already. */
  record(execution: Execution, observedAt: number): Known;
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
  /** When each was not found. */
  const missing = new LRUCache<string, number>({ max: NOT_FOUND_MAX });

  function getEnded(executionArn: string): Known | undefined {
    const known = ended.get(executionArn);
    if (known === undefined || known.execution.status === 'SUCCEEDED') return known;
    if (clock.now() - known.observedAt < UNSUCCESSFUL_KEPT_MILLISECONDS) return known;
    ended.delete(executionArn);
    return undefined;
  }

  function get(executionArn: string): Known | undefined {
    return getEnded(executionArn) ?? running.get(executionArn);
  }

  return {
    get,
    record(execution, observedAt) {
      const { executionArn } = execution;
      const before = get(executionArn);
      const known = { execution, observedAt, knownSince: before?.knownSince ?? observedAt };
      if (isRunning(execution)) {
        if (before !== undefined) {
          if (!isRunning(before.execution) || before.observedAt > observedAt) return before;
          // Nothing else can have changed; what a sweep reads is then free to go at once.
          known.execution = before.execution;
        }
        running.set(executionArn, known);
      } else {
        running.delete(executionArn);
        ended.set(executionArn, known);
      }
      missing.delete(executionArn);
      return known;
    },
    isNotFound(executionArn) {
      const at = missing.get(executionArn);
      return at !== undefined && clock.now() - at < NOT_FOUND_KEPT_MILLISECONDS;
    },
    recordNotFound(executionArn) {
      running.delete(executionArn);
      missing.set(executionArn, clock.now());
    },
    sizes: () => ({
      running: running.size,
      ended: ended.size,
      endedBytes: ended.calculatedSize,
    }),
  };
}

/** Whether the execution is known to be over. */
export function hasEnded(known: Known): boolean {
  return !isRunning(known.execution);
}

/** JavaScript holds a string in two bytes a character, or in one where all are Latin-1. */
function bytesOfTexts({ executionArn, output = '', error = '', cause = '' }: Execution): number {
  return 2 * (executionArn.length + output.length + error.length + cause.length);
}
