import type { Clock } from '../clock.ts';

export const timeIsUp = Symbol('time is up');

/**
 * Waits for a promise again and again, for a while each time. The function that it returns resolves
 * or rejects as the promise does, or to `timeIsUp` once the milliseconds have passed. Not
 * Promise.race: that would leave another reaction on a pending promise at every turn.
 */
export function waitInTurns<T>(
  promise: Promise<T>,
  clock: Clock,
): (milliseconds: number) => Promise<T | typeof timeIsUp> {
  let isSettled = false;
  let wake: (() => void) | undefined;
  const settle = () => {
    isSettled = true;
    wake?.();
  };
  promise.then(settle, settle);
  return async (milliseconds) => {
    if (isSettled) return promise;
    const turn = Promise.withResolvers<void>();
    wake = turn.resolve;
    const stopTimer = clock.schedule(milliseconds, turn.resolve);
    await turn.promise;
    stopTimer();
    return isSettled ? promise : timeIsUp;
  };
}
