import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { IncompleteResponse, StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';

/**
 * Calls DescribeExecution, with a single attempt. Leaves out the input of the execution.
 *
 * @throws {StepFunctionsError}
 */
export async function describeExecution(
  client: SFNClient,
  executionArn: string,
  signal: AbortSignal,
): Promise<Execution> {
  const command = new DescribeExecutionCommand({ executionArn });
  const response = await client
    .send(command, { abortSignal: signal })
    .catch(throwStepFunctionsError);
  return toExecution(response);
}

/** @throws {StepFunctionsError} the response lacks members that the service model requires */
export function toExecution(response: DescribeExecutionCommandOutput): Execution {
  const { executionArn, status, startDate, stopDate, output, error, cause, redriveCount } =
    response;
  if (!executionArn || !status || !startDate) {
    throw new StepFunctionsError('unavailable', new IncompleteResponse());
  }
  return { executionArn, status, startDate, stopDate, output, error, cause, redriveCount };
}
