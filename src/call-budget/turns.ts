import type { Clock } from '../clock.ts';
import type { CallBudget, Turn } from './call-budget.ts';
import { BudgetExhausted } from './errors.ts';

/** How long one waits for its turn; without it there is no response to the request. */
const AWAITED_MILLISECONDS = 10_000;
/** What the smallest of Step Functions' quotas serves in that time, and its burst. */
const WAITING_MAX = 350;

/** Calls in one lane of a budget, each for a caller who waits for what it returns. */
export interface Turns {
  /**
   * Makes the call, one attempt, once its turn has come. `close` does not end it.
   *
   * @throws {BudgetExhausted} its turn did not come in time, or too many wait
   * @throws what the call throws
   */
  run<T>(call: () => Promise<T>, caller: string): Promise<T>;
  close(): void;
}

export function createTurns<Lane extends string>(
  budget: CallBudget<Lane>,
  lane: Lane,
  clock: Clock,
): Turns {
  /** What ends each wait without its turn. */
  const waiting = new Set<() => void>();
  let isClosed = false;

  return {
    run<T>(call: () => Promise<T>, caller: string): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const leave = () => {
        stopTimer();
        waiting.delete(refuse);
        budget.delete(turn);
      };
      const refuse = () => {
        leave();
        reject(new BudgetExhausted(AWAITED_MILLISECONDS / 1000));
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
      if (isClosed || waiting.size >= WAITING_MAX) refuse();
      else {
        waiting.add(refuse);
        budget.add(lane, turn);
      }
      return promise;
    },
    close() {
      isClosed = true;
      for (const refuse of waiting) refuse();
    },
  };
}
