import type { Clock } from '../clock.ts';
import { rankOf } from '../status-table/rank.ts';
import { type Execution, isRunning } from '../step-functions/execution.ts';
import type { Source } from './status.ts';

/** A caller whose response is held until there is a newer status. */
export interface HeldCaller {
  /** Identifies the caller in the describe budget. */
  readonly id: string;
  /** The caller waits for a state with a higher rank, or for the end. */
  readonly aboveRank: number;
  /** @param source where the state came from that the caller waited for, if there is one */
  release(source?: Source): void;
  fail(error: unknown): void;
}

/** For callers who wait for any status. */
export const anyRank = -1;
/** For callers who wait for the end of the execution. */
export const endOnly = Number.POSITIVE_INFINITY;
/** For callers who wait for as long as it takes. */
export const noLimit = Number.POSITIVE_INFINITY;

/** Whether a state releases callers who wait for a higher rank. The end releases all callers. */
export function isEnough(execution: Execution, aboveRank: number): boolean {
  return !isRunning(execution) || rankOf(execution) > aboveRank;
}

/**
 * Holds the response of a caller until it is released, or the time has passed. Resolves to the source
 * of the state that released it; `undefined` if no state did.
 *
 * Every time limit is a timer of its own. That is cheap: Node keeps timers of equal duration in one
 * list behind one timer of the event loop, so ten thousand cost little more than their memory.
 *
 * @param entry woken when its last caller has left
 * @throws the error that the caller fails with, or the reason of the aborted signal
 */
export function holdCaller(
  entry: { readonly callers: Set<HeldCaller>; wake(): void },
  id: string,
  aboveRank: number,
  milliseconds: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<Source | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Source | undefined>();
  const caller: HeldCaller = {
    id,
    aboveRank,
    release(source) {
      leave();
      resolve(source);
    },
    fail(error) {
      leave();
      reject(error);
    },
  };
  const stopTimer =
    milliseconds < noLimit ? clock.schedule(milliseconds, () => caller.release()) : undefined;
  const onAbort = () => caller.fail(signal.reason);

  function leave(): void {
    stopTimer?.();
    signal.removeEventListener('abort', onAbort);
    entry.callers.delete(caller);
    if (entry.callers.size === 0) entry.wake();
  }

  signal.addEventListener('abort', onAbort, { once: true });
  entry.callers.add(caller);
  return promise;
}
