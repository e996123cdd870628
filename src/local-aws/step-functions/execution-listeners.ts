import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionEnd, StartedExecution } from './execution-store.ts';

/**
 * Observes Standard and Express executions. The methods are called synchronously and in order:
 * `started`, then `event` for each history event with its data, then `ended`. A listener must not
 * change what it receives. A listener that throws is a defect and ends the process.
 *
 * Local AWS keeps no Express executions. A listener that keeps them must limit its own memory.
 */
export interface ExecutionListener {
  started?(execution: StartedExecution): void;
  event?(execution: StartedExecution, event: HistoryEvent): void;
  /**
   * A line that the code behind a Task prints. `eventId` is that attempt's TaskStarted event. A line
   * may arrive after `ended`, because a function keeps running when its Task times out.
   */
  log?(execution: StartedExecution, eventId: number, line: string): void;
  /** When this is called for a Standard execution, DescribeExecution already returns the end. */
  ended?(execution: StartedExecution, end: ExecutionEnd): void;
}

export interface ExecutionListeners extends Required<ExecutionListener> {
  /**
   * Subscribes a listener. It gets the later events of executions that are already running, but not
   * their `started`.
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
        // Thrown outside the execution, whose outcome must not depend on its listeners.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }

  return {
    subscribe(listener) {
      // A copy, so that a listener can subscribe twice.
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
