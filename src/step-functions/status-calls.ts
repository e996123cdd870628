import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { StateMachineArn } from './arns.ts';
import { withSignal } from './call-signal.ts';
import { failureOf, IncompleteAnswer, StepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';
import { ExecutionNotFound, StepFunctionsThrottled } from './execution-statuses/errors.ts';
import type { StatusCalls } from './execution-statuses/status-calls.ts';

// The most that ListExecutions gives at once, by its API reference.
const pageSize = 1000;

/** The calls that statuses are learnt by, each in one attempt. */
export function createStatusCalls(client: SFNClient, stateMachine: StateMachineArn): StatusCalls {
  const unqualified = `arn:${stateMachine.partition}:states:${stateMachine.region}:${stateMachine.account}:stateMachine:${stateMachine.name}`;
  return {
    async describe(executionArn, signal) {
      const answer = await attempt(() =>
        client.send(withSignal(new DescribeExecutionCommand({ executionArn }), signal)),
      );
      return toExecution(answer);
    },
    async listRunning(nextToken, signal) {
      const { executions, nextToken: next } = await attempt(() =>
        client.send(
          withSignal(
            new ListExecutionsCommand({
              // A version or an alias would list only what was started through it.
              stateMachineArn: unqualified,
              statusFilter: 'RUNNING',
              maxResults: pageSize,
              nextToken,
            }),
            signal,
          ),
        ),
      );
      return {
        executions: (executions ?? []).flatMap(({ executionArn, startDate }) =>
          executionArn && startDate ? [{ executionArn, startDate }] : [],
        ),
        nextToken: next,
      };
    },
  };
}

/**
 * @throws {ExecutionNotFound}
 * @throws {StepFunctionsThrottled}
 * @throws {StepFunctionsError}
 */
export async function attempt<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === 'not-found') throw new ExecutionNotFound();
    if (failure === 'throttled') throw new StepFunctionsThrottled();
    throw new StepFunctionsError(failure, error);
  }
}

function toExecution(answer: DescribeExecutionCommandOutput): Execution {
  const { executionArn, status, startDate, stopDate, output, error, cause } = answer;
  if (!executionArn || !status || !startDate) {
    throw new StepFunctionsError('unavailable', new IncompleteAnswer());
  }
  return { executionArn, status, startDate, stopDate, output, error, cause };
}
