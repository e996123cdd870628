import type { ExecutionStatus, SyncExecutionStatus } from '@aws-sdk/client-sfn';
import type { ExecutionEnd, StoredExecution } from './execution-store.ts';
import { ServiceError } from './service-error.ts';

/** AWS has no such error: it deletes an execution together with its history, after 90 days. */
export function historyDropped(executionArn: string): ServiceError {
  return new ServiceError(
    'ExecutionDoesNotExist',
    `Local AWS has dropped the history of '${executionArn}' to save memory. DescribeExecution still returns status and output.`,
  );
}

export function statusOf({ end }: StoredExecution): ExecutionStatus {
  return end?.status ?? 'RUNNING';
}

export function summary(execution: StoredExecution) {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachine.arn,
    stateMachineVersionArn: execution.versionArn,
    stateMachineAliasArn: execution.aliasArn,
    name: execution.name,
    status: statusOf(execution),
    startDate: execution.startDate,
    stopDate: execution.end?.stopDate,
    redriveCount: 0,
  };
}

/** Returns the redrive status that AWS would return. Local AWS cannot redrive. */
export function redriveStatus(status: ExecutionStatus) {
  if (status !== 'RUNNING' && status !== 'SUCCEEDED')
    return { redriveStatus: 'REDRIVABLE' } as const;
  const redriveStatusReason = `Execution is ${status} and cannot be redriven`;
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason } as const;
}

export function executionData(input: string, end: ExecutionEnd | undefined, included: boolean) {
  const details = { included };
  return {
    inputDetails: details,
    ...(included && { input }),
    ...(end?.output !== undefined && {
      outputDetails: details,
      ...(included && { output: end.output }),
    }),
  };
}

/** An Express execution is aborted only when local AWS stops. The API has no status for that. */
export function syncStatus({ status }: ExecutionEnd): SyncExecutionStatus {
  return status === 'ABORTED' ? 'FAILED' : status;
}

/**
 * Returns the duration rounded up to 100 ms, and the smallest amount of memory that AWS bills.
 * https://aws.amazon.com/step-functions/pricing/
 */
export function billing(startDate: Date, stopDate: Date) {
  const milliseconds = stopDate.getTime() - startDate.getTime();
  return {
    billedMemoryUsedInMB: 64,
    billedDurationInMilliseconds: Math.max(1, Math.ceil(milliseconds / 100)) * 100,
  };
}
