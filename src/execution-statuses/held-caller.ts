import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { Known } from './known-executions.ts';

/** A caller whose response is held until there is a newer status. */
export interface HeldCaller {
  /** Identifies the caller in the describe budget. */
  readonly id: string;
  /** The caller waits for a state with a higher rank: see {@link isEnough}. */
  aboveRank: number;
  release(known: Known): void;
  fail(error: unknown): void;
}

interface Timeout {
  readonly milliseconds: number;
  /**
   * Returns the state to release the caller with, throws, or returns the milliseconds to keep
   * waiting for any status.
   */
  onTimeout(): Known | number;
}

/** For callers who wait for any status. */
export const ANY_RANK = -1;
/** For callers who wait for the end of the execution. */
export const END_ONLY = Number.POSITIVE_INFINITY;

/** Whether a state releases callers who wait for a higher rank. The end releases all callers. */
export function isEnough({ execution }: Known, aboveRank: number): boolean {
  return !isRunning(execution) || rankOf(execution) > aboveRank;
}

/**
 * Holds the response of a caller. Resolves to the state that releases the caller.
 *
 * Every timeout is a timer of its own. That is cheap: Node keeps timers of equal duration in one
 * list behind one timer of the event loop, so ten thousand cost little more than their memory.
 *
 * @param callers contains the caller while its response is held
 * @param options.timeout without it, the caller waits for as long as it takes
 * @param options.onLeave called when the response is no longer held, for whatever reason
 * @throws the error of `onTimeout` or of a failed call, or the reason of the aborted signal
 */
export function holdCaller(
  callers: Set<HeldCaller>,
  options: {
    id: string;
    aboveRank: number;
    timeout?: Timeout;
    signal: AbortSignal;
    clock: Clock;
    onLeave(): void;
  },
): Promise<Known> {
  const { id, aboveRank, timeout, signal, clock, onLeave } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Known>();
  const caller: HeldCaller = {
    id,
    aboveRank,
    release(known) {
      leave();
      resolve(known);
    },
    fail(error) {
      leave();
      reject(error);
    },
  };
  const stopTimer = timeout && releaseAfter(timeout, caller, clock);

  function onAbort(): void {
    caller.fail(signal.reason);
  }

  function leave(): void {
    stopTimer?.();
    signal.removeEventListener('abort', onAbort);
    callers.delete(caller);
    onLeave();
  }

  signal.addEventListener('abort', onAbort, { once: true });
  callers.add(caller);
  return promise;
}

/** Returns a function that stops the timer. */
function releaseAfter(
  { milliseconds, onTimeout }: Timeout,
  caller: HeldCaller,
  clock: Clock,
): () => void {
  let stopTimer = clock.schedule(milliseconds, timeOut);

  function timeOut(): void {
    try {
      const outcome = onTimeout();
      if (typeof outcome === 'number') {
        caller.aboveRank = ANY_RANK;
        stopTimer = clock.schedule(outcome, timeOut);
      } else caller.release(outcome);
    } catch (error) {
      caller.fail(error);
    }
  }

  return () => stopTimer();
}
