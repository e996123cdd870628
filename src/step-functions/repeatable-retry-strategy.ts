import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { failureOf } from './errors.ts';

/**
 * The SDK's standard retries, and a retry where the response is cut off or is not Step Functions'
 * own, which the SDK does not retry. For calls that are safe to repeat.
 */
export class RepeatableRetryStrategy extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    errorInfo: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    const isTransient = failureOf(errorInfo.error) === 'unavailable';
    return super.refreshRetryTokenForRetry(
      token,
      isTransient ? { ...errorInfo, errorType: 'TRANSIENT' } : errorInfo,
    );
  }
}
