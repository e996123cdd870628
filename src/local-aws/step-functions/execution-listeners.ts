import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionEnd, StartedExecution } from './execution-store.ts';

/**
 * Observes executions of both types. Called synchronously, in the order in which things happen:
 * `started`, an `event` for each entry of the history, data included, then `ended`. Nothing that it
 * receives may be changed. A listener that throws is a defect: it ends the process.
 *
 * Express executions leave nothing behind; a listener that remembers them bounds its own memory.
 */
export interface ExecutionListener {
  started?(execution: StartedExecution): void;
  event?(execution: StartedExecution, event: HistoryEvent): void;
  /**
   * A line that the code behind a Task prints; `eventId` is the event with which that attempt started.
   * It may come after the end: a function runs on when its Task times out.
   */
  log?(execution: StartedExecution, eventId: number, line: string): void;
  /** For Standard, DescribeExecution already returns this end. */
  ended?(execution: StartedExecution, end: ExecutionEnd): void;
}

export interface ExecutionListeners extends Required<ExecutionListener> {
  /**
   * Executions that run already are not announced again; their later events are.
   *
   * @returns a function that ends the subscription
   */
  subscribe(listener: ExecutionListener): () => void;
}

export function createExecutionListeners(): ExecutionListeners {
  const listeners = new Set<ExecutionListener>();

  function notify(call: (listener: ExecutionListener) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        // Thrown outside the execution, whose outcome must not depend on who watches it.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }

  return {
    subscribe(listener) {
      // A copy, so that one listener subscribed twice is two subscriptions.
      const subscribed = { ...listener };
      listeners.add(subscribed);
      return () => listeners.delete(subscribed);
    },
    started: (execution) => notify((listener) => listener.started?.(execution)),
    event: (execution, event) => notify((listener) => listener.event?.(execution, event)),
    log: (execution, eventId, line) =>
      notify((listener) => listener.log?.(execution, eventId, line)),
    ended: (execution, end) => notify((listener) => listener.ended?.(execution, end)),
  };
}
