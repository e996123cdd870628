import type { Clock } from '../clock.ts';

/** One operation of AWS, its calls under way, and whether they fail. */
export interface Operation<Args extends unknown[], T> {
  /** @throws what the call throws; a `TimeoutError` once its time is up */
  call(...args: Args): Promise<T>;
  /** Calls that have failed so far. */
  readonly failures: number;
  /** Aborts the calls under way. */
  cancel(): void;
}

/**
 * @param options.milliseconds the longest that a call may take
 * @param options.isFailure false for an error of this call that says nothing about the operation
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
  // A controller for each call: listeners would pile up on a signal that lives as long as we do.
  const underWay = new Set<AbortController>();
  let failures = 0;
  let isFailing = false;
  let isCancelled = false;

  function failed(error: unknown): void {
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
      underWay.add(controller);
      try {
        const response = await options.call(...args, signal);
        isFailing = false;
        return response;
      } catch (thrown) {
        const error = signal.aborted ? signal.reason : thrown;
        failed(error);
        throw error;
      } finally {
        if (stopTimer) stopTimer();
        underWay.delete(controller);
      }
    },
    get failures() {
      return failures;
    },
    cancel() {
      isCancelled = true;
      for (const controller of underWay) controller.abort();
    },
  };
}
