import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { type Clock, sleep } from '../clock.ts';
import { StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import { type Execution, isRunning } from './execution.ts';

/** The error of a cancelled execution, which tells it from one stopped by somebody else. */
export const cancelledError = 'OnboardingCancelled';

/**
 * The delays before each DescribeExecution. It is eventually consistent: after StopExecution it may
 * still return `RUNNING`, or say that the execution does not exist.
 */
const delaysMilliseconds = [0, 100, 300, 900];

/**
 * Stops an execution and returns how it ended: by this cancellation, by an earlier one, or by itself
 * in the meantime. StopExecution does not change an execution that has ended, so it can be repeated.
 * Completed steps of the workflow are not undone.
 *
 * @param reason becomes the `cause` of the execution
 * @param describe reads the execution
 * @throws {StepFunctionsError} the last error of `describe`, or `unavailable` if the execution was
 *   stopped and still seems to be running
 * @throws other errors of `describe`
 */
export async function cancelExecution(
  client: SFNClient,
  executionArn: string,
  reason: string | undefined,
  describe: () => Promise<Execution>,
  clock: Clock,
): Promise<Execution> {
  const command = new StopExecutionCommand({ executionArn, error: cancelledError, cause: reason });
  await client.send(command).catch(throwStepFunctionsError);
  let failure = new StepFunctionsError('unavailable');
  for (const milliseconds of delaysMilliseconds) {
    await sleep(clock, milliseconds);
    try {
      const execution = await describe();
      if (!isRunning(execution)) return execution;
    } catch (error) {
      if (!(error instanceof StepFunctionsError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** Whether the execution ended by a cancellation, this one or an earlier one. */
export function isCancelled({ status, error }: Execution): boolean {
  return status === 'ABORTED' && error === cancelledError;
}
