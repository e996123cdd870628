import type { Clock } from './clock.ts';
import type { DescribeBudget, Turn } from './describe-budget.ts';
import { StatusNotYetKnown } from './errors.ts';

/** How long one waits for its turn; without it there is no response to the request. */
const AWAITED_MILLISECONDS = 10_000;
/** What the smallest of Step Functions' quotas serves in that time, and its burst. */
const WAITING_MAX = 350;

/** DescribeExecution calls in the lane of replays. */
export interface Replays {
  /**
   * Makes the call, one attempt, once its turn has come. `close` does not end it.
   *
   * @throws {StatusNotYetKnown} its turn did not come in time, or too many wait
   * @throws what the call throws
   */
  run<T>(call: () => Promise<T>, caller: string): Promise<T>;
  close(): void;
}

export function createReplays(budget: DescribeBudget, clock: Clock): Replays {
  /** What ends each wait without its turn. */
  const waiting = new Set<() => void>();
  let isClosed = false;

  return {
    run<T>(call: () => Promise<T>, caller: string): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const refuse = () => {
        leave();
        reject(new StatusNotYetKnown(AWAITED_MILLISECONDS / 1000));
      };
      const turn: Turn = {
        since: clock.now(),
        caller,
        start(send) {
          leave();
          resolve(send(call));
        },
      };
      const stopTimer = clock.schedule(AWAITED_MILLISECONDS, refuse);
      const leave = () => {
        stopTimer();
        waiting.delete(refuse);
        budget.delete(turn);
      };
      if (isClosed || waiting.size >= WAITING_MAX) refuse();
      else {
        waiting.add(refuse);
        budget.add('replay', turn);
      }
      return promise;
    },
    close() {
      isClosed = true;
      for (const refuse of waiting) refuse();
    },
  };
}
