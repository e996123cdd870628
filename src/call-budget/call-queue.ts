import type { Clock } from '../clock.ts';
import type { CallBudget, QueuedCall } from './call-budget.ts';
import { BudgetExhausted } from './errors.ts';

/** The longest wait for a token. */
const maxWaitMilliseconds = 10_000;
/** As many calls as the smallest quota of Step Functions allows in that time, including its burst. */
const waitingMax = 350;

/** Queues calls in one lane of a budget. Callers wait for the result of each. */
export interface CallQueue {
  /**
   * Makes the call, with a single attempt, when the budget has a token for it. `close` does not end
   * a call in flight.
   *
   * @param callers as in {@link QueuedCall}; more may join while the call waits
   * @throws {BudgetExhausted} there was no token in time, or too many calls are waiting
   * @throws the errors of the call
   */
  run<T>(call: () => Promise<T>, callers: QueuedCall['callers']): Promise<T>;
  /** Ends all waits with {@link BudgetExhausted}. */
  close(): void;
}

export function createCallQueue<Lane extends string>(
  budget: CallBudget<Lane>,
  lane: Lane,
  clock: Clock,
): CallQueue {
  /** The functions that refuse the waiting calls. */
  const waiting = new Set<() => void>();
  let isClosed = false;

  return {
    run<T>(call: () => Promise<T>, callers: QueuedCall['callers']): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const leave = () => {
        stopTimer();
        waiting.delete(refuse);
        budget.delete(queued);
      };
      const refuse = () => {
        leave();
        reject(new BudgetExhausted(maxWaitMilliseconds / 1000));
      };
      const queued: QueuedCall = {
        turnAt: clock.now(),
        callers,
        start(send) {
          leave();
          resolve(send(call));
        },
      };
      const stopTimer = clock.schedule(maxWaitMilliseconds, refuse);
      if (isClosed || waiting.size >= waitingMax) refuse();
      else {
        waiting.add(refuse);
        budget.add(lane, queued);
      }
      return promise;
    },
    close() {
      isClosed = true;
      for (const refuse of waiting) refuse();
    },
  };
}
