import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { failureOf } from './errors.ts';

/**
 * The SDK's standard retry strategy, which also retries responses that are truncated or do not come
 * from Step Functions. For calls that are safe to repeat.
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
