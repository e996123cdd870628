import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  ListExecutionsCommand,
  SFNClient,
  type SFNClientConfig,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { type StateMachineArn, unqualifiedArn } from './arns.ts';
import { toExecution } from './describe-execution.ts';
import { IncompleteResponse, StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';

// The most that ListExecutions returns at once, by its API reference.
const pageSize = 1000;

/** An execution in a list: it has no output, error or cause. */
export interface ListedExecution extends Execution {
  /** When it was redriven last. */
  readonly redriveDate?: Date | undefined;
}

/** A page of ListExecutions, newest start first. */
export interface ExecutionPage {
  readonly executions: readonly ListedExecution[];
  readonly nextToken: string | undefined;
}

export type ExecutionList = 'running' | 'redriven' | 'all';

/** What the functions that keep the status table ask Step Functions. */
export interface ExecutionRecords {
  /**
   * An execution with its input. Eventually consistent.
   *
   * @throws {StepFunctionsError}
   */
  describe(executionArn: string): Promise<{ execution: Execution; input: string | undefined }>;
  /**
   * Up to 1,000 executions of the state machine: those that run, those that have been redriven, or
   * all.
   *
   * @throws {StepFunctionsError}
   */
  list(
    stateMachine: StateMachineArn,
    which: ExecutionList,
    nextToken: string | undefined,
  ): Promise<ExecutionPage>;
  /** Ends its calls and connections. */
  close(): void;
}

/**
 * Has its own client, which repeats throttled calls.
 *
 * @param aws where AWS is; by default, what the AWS SDK's own variables say
 */
export function createExecutionRecords(
  aws: Pick<SFNClientConfig, 'endpoint' | 'region' | 'credentials'> = {},
): ExecutionRecords {
  const client = new SFNClient({
    ...aws,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  return {
    async describe(executionArn) {
      const response = await client
        .send(new DescribeExecutionCommand({ executionArn }))
        .catch(throwStepFunctionsError);
      return { execution: toExecution(response), input: response.input };
    },
    async list(stateMachine, which, nextToken) {
      const response = await client
        .send(
          new ListExecutionsCommand({
            stateMachineArn: unqualifiedArn(stateMachine),
            statusFilter: which === 'running' ? 'RUNNING' : undefined,
            redriveFilter: which === 'redriven' ? 'REDRIVEN' : undefined,
            maxResults: pageSize,
            nextToken,
          }),
        )
        .catch((error: unknown) => {
          // By AWS's reference ListExecutions lists redriven executions, and also refuses a state
          // machine's ARN with that filter. Where it does, nothing is to be had.
          const isRefused = which === 'redriven' && error instanceof ValidationException;
          return isRefused
            ? { executions: [], nextToken: undefined }
            : throwStepFunctionsError(error);
        });
      return {
        executions: (response.executions ?? []).map(listedExecution),
        nextToken: response.nextToken,
      };
    },
    close: () => client.destroy(),
  };
}

function listedExecution(item: ExecutionListItem): ListedExecution {
  const { executionArn, status, startDate, stopDate, redriveCount, redriveDate } = item;
  if (!executionArn || !status || !startDate) {
    throw new StepFunctionsError('unavailable', new IncompleteResponse());
  }
  return { executionArn, status, startDate, stopDate, redriveCount, redriveDate };
}
