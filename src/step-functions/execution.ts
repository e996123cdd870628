import { ExecutionStatus } from '@aws-sdk/client-sfn';

/**
 * A Standard execution as DescribeExecution returns it. `output` is JSON text. Members that do not
 * apply are `undefined`.
 */
export interface Execution {
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  readonly startDate: Date;
  readonly stopDate?: Date | undefined;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /** How many times the execution has been redriven; `undefined` means 0. */
  readonly redriveCount?: number | undefined;
}

/**
 * Whether the execution has not ended. A failed execution counts as ended, although an operator may
 * redrive it.
 */
export function isRunning(execution: Pick<Execution, 'status'>): boolean {
  return execution.status === 'RUNNING' || execution.status === 'PENDING_REDRIVE';
}

export const executionStatuses = Object.values(ExecutionStatus);

/** Whether a text is a status that a Standard execution can have. */
export function isExecutionStatus(text: string | undefined): text is ExecutionStatus {
  return executionStatuses.some((status) => status === text);
}
