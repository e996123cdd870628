import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { StatusCalls } from '../execution-statuses/status-calls.ts';
import { type StateMachineArn, unqualifiedArn } from './arns.ts';
import { IncompleteAnswer, StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';

// The most that ListExecutions gives at once, by its API reference.
const pageSize = 1000;

/** The calls that statuses are learnt by, each in one attempt. */
export function createStatusCalls(client: SFNClient, stateMachine: StateMachineArn): StatusCalls {
  return {
    async describe(executionArn, signal) {
      const command = new DescribeExecutionCommand({ executionArn });
      return toExecution(
        await client.send(command, { abortSignal: signal }).catch(throwStepFunctionsError),
      );
    },
    async listRunning(nextToken, signal) {
      const command = new ListExecutionsCommand({
        stateMachineArn: unqualifiedArn(stateMachine),
        statusFilter: 'RUNNING',
        maxResults: pageSize,
        nextToken,
      });
      const { executions, nextToken: next } = await client
        .send(command, { abortSignal: signal })
        .catch(throwStepFunctionsError);
      return {
        executions: (executions ?? []).flatMap(({ executionArn, startDate }) =>
          executionArn && startDate ? [{ executionArn, startDate }] : [],
        ),
        nextToken: next,
      };
    },
  };
}

/** @throws {StepFunctionsError} `unavailable` */
export function toExecution(response: DescribeExecutionCommandOutput): Execution {
  const { executionArn, status, startDate, stopDate, output, error, cause, redriveCount } =
    response;
  if (!executionArn || !status || !startDate) {
    throw new StepFunctionsError('unavailable', new IncompleteAnswer());
  }
  return { executionArn, status, startDate, stopDate, output, error, cause, redriveCount };
}
