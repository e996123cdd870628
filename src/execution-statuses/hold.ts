import type { Clock } from './clock.ts';
import type { Known } from './known-executions.ts';
import type { Caller, Watched } from './watched-executions.ts';

/**
 * Keeps a caller waiting for an execution's answer.
 *
 * Every caller has a timer of its own: Node keeps those of equal length in one list behind one
 * timer of the event loop, so ten thousand cost little more than their memory.
 *
 * @param options.untilEnded whether "it still runs" is not enough
 * @param options.milliseconds after which `onTime` says what becomes of the caller
 * @param options.onTime answers what the caller then gets, or throws; or answers the milliseconds
 *   for which to wait on, now for any answer
 * @param options.onLeave called once the caller waits no more, for whatever reason
 * @throws what `onTime` throws, what the calls threw, or the signal's reason once it is aborted
 */
export function hold(
  entry: Watched,
  options: {
    untilEnded: boolean;
    milliseconds: number;
    signal: AbortSignal;
    clock: Clock;
    onTime(): Known | number;
    onLeave(): void;
  },
): Promise<Known> {
  const { milliseconds, signal, clock, onTime, onLeave } = options;
  return new Promise((resolve, reject) => {
    const caller: Caller = {
      untilEnded: options.untilEnded,
      settle(known) {
        leave();
        resolve(known);
      },
      fail(error) {
        leave();
        reject(error);
      },
    };
    let cancel = clock.schedule(milliseconds, timeIsUp);

    function timeIsUp(): void {
      try {
        const outcome = onTime();
        if (typeof outcome === 'number') {
          caller.untilEnded = false;
          cancel = clock.schedule(outcome, timeIsUp);
        } else {
          caller.settle(outcome);
        }
      } catch (error) {
        caller.fail(error);
      }
    }

    function hangUp(): void {
      caller.fail(signal.reason);
    }

    function leave(): void {
      cancel();
      signal.removeEventListener('abort', hangUp);
      entry.callers.delete(caller);
      onLeave();
    }

    signal.addEventListener('abort', hangUp, { once: true });
    entry.callers.add(caller);
  });
}
