import {
  ListExecutionsCommand,
  SFNClient,
  type SFNClientConfig,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { type StateMachineArn, unqualifiedArn } from './arns.ts';
import { describeExecution, toExecution } from './describe-execution.ts';
import { throwStepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';

// The maximum of ListExecutions, according to its API reference.
const pageSize = 1000;

/** An execution in a list, which has no output, error or cause. */
export interface ListedExecution extends Execution {
  /** When the execution was last redriven. */
  readonly redriveDate?: Date | undefined;
}

/** A page of ListExecutions, newest start first. */
export interface ExecutionPage {
  readonly executions: readonly ListedExecution[];
  readonly nextToken: string | undefined;
}

export type ExecutionList = 'running' | 'redriven' | 'all';

/** Reads executions from Step Functions, for the functions that maintain the status table. */
export interface ExecutionReader {
  /**
   * Returns an execution with its input. Eventually consistent.
   *
   * @throws {StepFunctionsError}
   */
  describe(executionArn: string): Promise<{ execution: Execution; input: string | undefined }>;
  /**
   * Returns up to 1,000 executions of the state machine: running, redriven, or all.
   *
   * @throws {StepFunctionsError}
   */
  list(
    stateMachine: StateMachineArn,
    which: ExecutionList,
    nextToken: string | undefined,
  ): Promise<ExecutionPage>;
  /** Ends its calls and closes its connections. */
  close(): void;
}

/**
 * Creates its own client, which retries throttled calls.
 *
 * @param aws how to reach AWS; by default, as the AWS SDK's own variables say
 */
export function createExecutionReader(
  aws: Pick<SFNClientConfig, 'endpoint' | 'region' | 'credentials'> = {},
): ExecutionReader {
  const client = new SFNClient({
    ...aws,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  return {
    describe: (executionArn) => describeExecution(client, executionArn),
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
          // The API reference documents `redriveFilter`, but also says that it cannot be combined
          // with the ARN of a state machine. If it is refused, there is nothing to list.
          const isRefused = which === 'redriven' && error instanceof ValidationException;
          return isRefused
            ? { executions: [], nextToken: undefined }
            : throwStepFunctionsError(error);
        });
      return {
        executions: (response.executions ?? []).map((item) => ({
          ...toExecution(item),
          redriveDate: item.redriveDate,
        })),
        nextToken: response.nextToken,
      };
    },
    close: () => client.destroy(),
  };
}
