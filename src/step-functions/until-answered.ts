import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { failureOf } from './errors.ts';

/**
 * The SDK's standard retries, and beyond them those of an answer that broke off or made no sense,
 * which the SDK takes for final. For calls that change nothing when they are repeated.
 */
export class UntilAnsweredRetryStrategy extends StandardRetryStrategy {
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
