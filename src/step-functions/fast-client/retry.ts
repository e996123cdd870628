import { retryMiddleware } from '@smithy/core/retry';
import type {
  FinalizeRequestMiddleware,
  MetadataBearer,
  RetryStrategy,
  RetryStrategyV2,
} from '@smithy/types';
import { optionsOf } from './call-options.ts';

/**
 * Uses the SDK's retry middleware only after an attempt has failed. The SDK's own stack prepares for
 * retries before every call, with a random id that takes as long to create as the signature.
 */
export function retryAfterFailure<Input extends object, Output extends MetadataBearer>(
  config: Parameters<typeof retryMiddleware>[0],
): FinalizeRequestMiddleware<Input, Output> {
  const retrying = retryMiddleware(config);
  let strategy: RetryStrategy | RetryStrategyV2 | undefined;
  return (next, context) => async (args) => {
    let result: Awaited<ReturnType<typeof next>>;
    try {
      result = await next(args);
    } catch (error) {
      const { abortSignal } = optionsOf(args);
      return retrying(failFirst(error, next), {
        ...context,
        __smithy_context: { ...context.__smithy_context, abortSignal },
      })(args);
    }
    strategy ??= await config.retryStrategy();
    refill(strategy);
    return result;
  };
}

/** Returns `next`, except that the first call throws `error`: that attempt was already made. */
function failFirst<Args, Result>(error: unknown, next: (args: Args) => Promise<Result>) {
  let isFirst = true;
  return async (args: Args): Promise<Result> => {
    if (!isFirst) return next(args);
    isFirst = false;
    throw error;
  };
}

const firstAttempt = {
  getRetryCount: () => 0,
  getRetryDelay: () => 0,
  getRetryCost: () => undefined,
};

/** Retries use up a quota of the client. Each successful call refills it a little. */
function refill(strategy: RetryStrategy | RetryStrategyV2): void {
  if ('recordSuccess' in strategy) strategy.recordSuccess(firstAttempt);
}
