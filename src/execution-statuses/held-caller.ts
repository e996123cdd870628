import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { Known } from './known-executions.ts';

/** A caller whose response is held. */
export interface HeldCaller {
  /** Whose calls count together in the describe budget. */
  readonly id: string;
  /** What it waits for: see {@link isEnough}. */
  aboveRank: number;
  release(known: Known): void;
  fail(error: unknown): void;
}

/** For callers who wait for any status. */
export const ANY_RANK = -1;
/** For callers who wait for the end. */
export const END_ONLY = Number.POSITIVE_INFINITY;

/** Whether this is news for callers who wait for a rank above this one; an end is, for all. */
export function isEnough({ execution }: Known, aboveRank: number): boolean {
  return !isRunning(execution) || rankOf(execution) > aboveRank;
}

/**
 * Holds a caller's response.
 *
 * Every caller has its own timer: Node keeps timers of equal length in one list behind one
 * timer of the event loop, so ten thousand cost little more than their memory.
 *
 * @param callers where it stands while it is held
 * @param options.milliseconds after which `onTime` is called
 * @param options.onTime returns the response, throws, or returns the milliseconds to hold on, now
 *   for any status
 * @param options.onLeave called once the caller is held no more, for whatever reason
 * @throws what `onTime` or the calls threw, or the signal's reason once it is aborted
 */
export function holdCaller(
  callers: Set<HeldCaller>,
  options: {
    id: string;
    aboveRank: number;
    milliseconds: number;
    signal: AbortSignal;
    clock: Clock;
    onTime(): Known | number;
    onLeave(): void;
  },
): Promise<Known> {
  const { id, aboveRank, signal, clock, onTime, onLeave } = options;
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
  let stopTimer = clock.schedule(options.milliseconds, onTimeout);

  function onTimeout(): void {
    try {
      const outcome = onTime();
      if (typeof outcome === 'number') {
        caller.aboveRank = ANY_RANK;
        stopTimer = clock.schedule(outcome, onTimeout);
      } else caller.release(outcome);
    } catch (error) {
      caller.fail(error);
    }
  }

  function hangUp(): void {
    caller.fail(signal.reason);
  }

  function leave(): void {
    stopTimer();
    signal.removeEventListener('abort', hangUp);
    callers.delete(caller);
    onLeave();
  }

  signal.addEventListener('abort', hangUp, { once: true });
  callers.add(caller);
  return promise;
}
