import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { type Clock, sleep } from '../clock.ts';
import { StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import { type Execution, isRunning } from './execution.ts';

/** The error of a cancelled execution, which distinguishes it from one stopped in another way. */
const cancelledError = 'OnboardingCancelled';

/** The execution was stopped, but DescribeExecution still returns `RUNNING`. */
export class StillRunning extends Error {
  override readonly name = 'StillRunning';
}

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
 * @throws {StillRunning} repeat the cancellation to find out how the execution ended
 * @throws {StepFunctionsError} the error of StopExecution, or of the last `describe`
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
  let failure: Error = new StillRunning();
  for (const milliseconds of delaysMilliseconds) {
    await sleep(clock, milliseconds);
    try {
      const execution = await describe();
      if (!isRunning(execution)) return execution;
      failure = new StillRunning();
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
