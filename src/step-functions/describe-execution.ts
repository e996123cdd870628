import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { IncompleteResponse, StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';

/**
 * Calls DescribeExecution. Eventually consistent.
 *
 * @param signal aborts the call
 * @returns the execution, and the input that it was started with
 * @throws {StepFunctionsError}
 */
export async function describeExecution(
  client: SFNClient,
  executionArn: string,
  signal?: AbortSignal,
): Promise<{ execution: Execution; input: string | undefined }> {
  const command = new DescribeExecutionCommand({ executionArn });
  const response = await client
    .send(command, signal && { abortSignal: signal })
    .catch(throwStepFunctionsError);
  return { execution: toExecution(response), input: response.input };
}

/** @throws {StepFunctionsError} the response lacks members that the service model requires */
export function toExecution(
  response: {
    readonly [Member in keyof Execution]?: Execution[Member] | undefined;
  },
): Execution {
  const { executionArn, status, startDate, stopDate, output, error, cause, redriveCount } =
    response;
  if (!executionArn || !status || !startDate) {
    throw new StepFunctionsError('unavailable', new IncompleteResponse());
  }
  return { executionArn, status, startDate, stopDate, output, error, cause, redriveCount };
}
