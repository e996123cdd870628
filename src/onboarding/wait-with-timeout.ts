import type { Clock } from '../clock.ts';

export const timedOut = Symbol('timed out');

/**
 * Returns a function that waits for the promise with a timeout, and can be called again after each
 * timeout. It resolves or rejects as the promise does, or resolves to `timedOut`.
 *
 * Promise.race would leak: each call would add another reaction to the pending promise.
 */
export function waitWithTimeout<T>(
  promise: Promise<T>,
  clock: Clock,
): (milliseconds: number) => Promise<T | typeof timedOut> {
  let isSettled = false;
  let wake: (() => void) | undefined;
  const settle = () => {
    isSettled = true;
    wake?.();
  };
  promise.then(settle, settle);
  return async (milliseconds) => {
    if (isSettled) return promise;
    const wait = Promise.withResolvers<void>();
    wake = wait.resolve;
    const stopTimer = clock.schedule(milliseconds, wait.resolve);
    await wait.promise;
    stopTimer();
    return isSettled ? promise : timedOut;
  };
}
