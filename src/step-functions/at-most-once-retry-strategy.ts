import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { wasNotCarriedOut } from './errors.ts';

/**
 * The SDK's standard retry strategy, without retries that could start an execution twice. An Express
 * execution has no unique name by which Step Functions could refuse a second start. So a
 * StartSyncExecution that Step Functions may have accepted is never sent again: only refused calls
 * and connect failures are retried.
 */
export class AtMostOnceRetryStrategy extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    errorInfo: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    if (!wasNotCarriedOut(errorInfo.error)) throw errorInfo.error;
    return super.refreshRetryTokenForRetry(token, errorInfo);
  }
}
