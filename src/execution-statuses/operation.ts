import type { Clock } from '../clock.ts';

/** An AWS operation, with a timeout, a count of its failures, and a way to abort its calls. */
export interface Operation<Args extends unknown[], T> {
  /** @throws the errors of the call, or a `TimeoutError` */
  call(...args: Args): Promise<T>;
  /** The number of failed calls so far. */
  readonly failures: number;
  /** Aborts the calls in flight. */
  cancel(): void;
}

/**
 * @param options.milliseconds the timeout of a call; none by default
 * @param options.isFailure returns false for errors that do not mean that the operation is failing
 * @param options.onFailure called with the first of several failures in a row
 */
export function createOperation<Args extends unknown[], T>(options: {
  call(...args: [...Args, AbortSignal]): Promise<T>;
  clock: Clock;
  milliseconds?: number;
  isFailure?(error: unknown): boolean;
  onFailure(error: unknown): void;
}): Operation<Args, T> {
  const { clock, milliseconds, isFailure = () => true, onFailure } = options;
  // One controller per call, because listeners would accumulate on a long-lived signal.
  const inFlight = new Set<AbortController>();
  let failures = 0;
  let isFailing = false;
  let isCancelled = false;

  function recordFailure(error: unknown): void {
    if (isCancelled || !isFailure(error)) return;
    failures += 1;
    if (!isFailing) onFailure(error);
    isFailing = true;
  }

  return {
    async call(...args) {
      const controller = new AbortController();
      const { signal } = controller;
      const onTimeout = () => controller.abort(new DOMException('no response', 'TimeoutError'));
      const stopTimer = milliseconds && clock.schedule(milliseconds, onTimeout);
      inFlight.add(controller);
      try {
        const response = await options.call(...args, signal);
        isFailing = false;
        return response;
      } catch (thrown) {
        const error = signal.aborted ? signal.reason : thrown;
        recordFailure(error);
        throw error;
      } finally {
        if (stopTimer) stopTimer();
        inFlight.delete(controller);
      }
    },
    get failures() {
      return failures;
    },
    cancel() {
      isCancelled = true;
      for (const controller of inFlight) controller.abort();
    },
  };
}
