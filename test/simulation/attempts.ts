import { ServiceException } from '@smithy/core/client';
import {
  isThrottlingError,
  isTransientError,
  Retry,
  type StandardRetryStrategy,
} from '@smithy/core/retry';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import { timeoutError } from './faults.ts';

/** A backoff without pauses, as `attempts` pauses in virtual time. */
export const withoutPauses = { computeNextBackoffDelay: () => 0, setDelayBase: () => undefined };

/**
 * Makes a call as the SDK does: the strategy decides whether there is another attempt, after a
 * virtual pause.
 */
export async function attempts<T>(
  strategy: StandardRetryStrategy,
  attempt: (count: number) => Promise<T>,
  pause: () => Promise<unknown>,
): Promise<T> {
  let cost: number | undefined;
  for (let count = 0; ; count += 1) {
    const before = cost;
    const token = {
      getRetryCount: () => count,
      getRetryDelay: () => 0,
      getRetryCost: () => before,
    };
    try {
      const response = await attempt(count);
      strategy.recordSuccess(token);
      return response;
    } catch (thrown) {
      const error = sdkError(thrown);
      const errorType = errorTypeOf(error);
      cost = errorType === Retry.modifiedCostType() ? Retry.throttlingCost() : Retry.cost();
      const isGranted = strategy.refreshRetryTokenForRetry(token, { error, errorType });
      // A refusal rejects at once. A grant would first wait in real time, so do not wait for it.
      const isAgain = await Promise.race([
        isGranted.then(() => new Promise<never>(() => undefined)),
        pause().then(() => true),
      ]).catch(() => false);
      if (!isAgain) throw withAttempts(error, count + 1);
    }
  }
}

function sdkError(thrown: unknown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const $metadata = thrown instanceof ServiceException ? thrown.$metadata : {};
  const cause = error.cause instanceof Error ? error.cause : undefined;
  return Object.assign(error, { $metadata, cause });
}

function errorTypeOf(error: ReturnType<typeof sdkError>) {
  if (isThrottlingError(error)) return 'THROTTLING';
  return isTransientError(error) ? 'TRANSIENT' : 'CLIENT_ERROR';
}

function withAttempts(error: ReturnType<typeof sdkError>, count: number): Error {
  return Object.assign(error, { $metadata: { ...error.$metadata, attempts: count } });
}

/** Rejects after the timeout. AWS still carries out what was sent. */
export async function within<T>(
  clock: VirtualClock,
  milliseconds: number,
  call: Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const stopTimer = clock.schedule(milliseconds, () => late.reject(timeoutError()));
  try {
    return await Promise.race([call, late.promise]);
  } finally {
    stopTimer();
  }
}

/** Rejects when the signal aborts. AWS still carries out what was sent. */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  call: Promise<T>,
): Promise<T> {
  if (signal === undefined) return call;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new DOMException('aborted', 'AbortError'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([call, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
