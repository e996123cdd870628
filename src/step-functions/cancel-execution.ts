import { setTimeout as pause } from 'node:timers/promises';
import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import { type Execution, isRunning } from './execution.ts';

/** The error of an execution that was cancelled here, rather than stopped by somebody else. */
export const cancelledError = 'OnboardingCancelled';

/** DescribeExecution is eventually consistent: the pauses before each look at the execution. */
const pausesMilliseconds = [0, 100, 300, 900];

/**
 * Stops an execution, and returns how it ended: by this cancellation, by an earlier one, or otherwise
 * if it ended meanwhile. StopExecution may be repeated; it changes nothing in an execution that has
 * ended. What the workflow did before stays done.
 *
 * @param reason the execution's `cause`
 * @param describe reads the execution
 * @throws {StepFunctionsError} `unavailable` where it was told to stop and still seems to run
 * @throws what `describe` throws
 */
export async function cancelExecution(
  client: SFNClient,
  executionArn: string,
  reason: string | undefined,
  describe: () => Promise<Execution>,
): Promise<Execution> {
  const command = new StopExecutionCommand({ executionArn, error: cancelledError, cause: reason });
  await client.send(command).catch(throwStepFunctionsError);
  for (const milliseconds of pausesMilliseconds) {
    await pause(milliseconds);
    const execution = await describe();
    if (!isRunning(execution)) return execution;
  }
  throw new StepFunctionsError('unavailable');
}

/** Whether the execution ended by a cancellation, this one or an earlier one. */
export function isCancelled({ status, error }: Execution): boolean {
  return status === 'ABORTED' && error === cancelledError;
}
