import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { wasNotCarriedOut } from './errors.ts';

/**
 * The SDK's standard retries, less those that could start an execution twice. An Express execution
 * has no name to refuse the second start by, so a StartSyncExecution that Step Functions may have
 * received is never sent again: only refusals and failures to connect are retried.
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
