import type { Clock } from '../clock.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import type { StatusOperation } from './status.ts';

/**
 * Timeouts in milliseconds of table calls, after which DescribeExecution takes over. DynamoDB usually
 * takes 10 ms.
 */
const timeouts: Partial<Record<StatusOperation, number>> = { BatchGetItem: 1000, Query: 1000 };
/** Failures of a call that do not mean that the operation is failing. */
const harmlessFailures: ReadonlySet<string> = new Set(['not-found', 'throttled']);

/** Makes the calls to AWS that statuses come from. */
export interface Calls {
  /** @throws the errors of the call, or a `TimeoutError` */
  make<T>(operation: StatusOperation, call: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The number of failed calls so far. */
  readonly failures: Readonly<Record<StatusOperation, number>>;
  /** Aborts the calls in flight. */
  close(): void;
}

/** @param onFailure called with the first of several failures of an operation in a row */
export function createCalls(
  clock: Clock,
  onFailure: (operation: StatusOperation, error: unknown) => void,
): Calls {
  const failures = { DescribeExecution: 0, BatchGetItem: 0, Query: 0 };
  const failing = new Set<StatusOperation>();
  // One controller per call, because listeners would accumulate on a long-lived signal.
  const inFlight = new Set<AbortController>();
  let isClosed = false;

  function recordFailure(operation: StatusOperation, error: unknown): void {
    if (error instanceof StepFunctionsError && harmlessFailures.has(error.failure)) return;
    failures[operation] += 1;
    if (!failing.has(operation)) onFailure(operation, error);
    failing.add(operation);
  }

  return {
    failures,
    async make(operation, call) {
      const controller = new AbortController();
      const { signal } = controller;
      const onTimeout = () => controller.abort(new DOMException('no response', 'TimeoutError'));
      const milliseconds = timeouts[operation];
      const stopTimer = milliseconds && clock.schedule(milliseconds, onTimeout);
      inFlight.add(controller);
      try {
        const response = await call(signal);
        failing.delete(operation);
        return response;
      } catch (thrown) {
        const error = signal.aborted ? signal.reason : thrown;
        if (!isClosed) recordFailure(operation, error);
        throw error;
      } finally {
        if (stopTimer) stopTimer();
        inFlight.delete(controller);
      }
    },
    close() {
      isClosed = true;
      for (const controller of inFlight) controller.abort();
    },
  };
}
