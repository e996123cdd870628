import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './states-language/execution.ts';

/** Node fires a timer longer than this at once, and a Wait state may last a year. */
const longestTimer = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    signal.throwIfAborted();
    try {
      for (let left = milliseconds; left > 0; left -= longestTimer) {
        await delay(Math.min(left, longestTimer), undefined, { signal });
      }
    } catch (error) {
      // Node rejects with its own AbortError, which has the signal's reason as its cause.
      signal.throwIfAborted();
      throw error;
    }
  },
};
