import { type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { type Clock, sleep } from '../clock.ts';
import { StepFunctionsError, throwStepFunctionsError } from './errors.ts';
import { type Execution, isRunning } from './execution.ts';

/** The error of an execution that was cancelled here, rather than stopped by somebody else. */
export const cancelledError = 'OnboardingCancelled';

/**
 * The pauses before each look at the execution. DescribeExecution is eventually consistent: it may
 * say that the execution still runs, or that there is none yet.
 */
const pausesMilliseconds = [0, 100, 300, 900];

/**
 * Stops an execution, and returns how it ended: by this cancellation, by an earlier one, or otherwise
 * if it ended meanwhile. StopExecution may be repeated; it changes nothing in an execution that has
 * ended. What the workflow did before stays done.
 *
 * @param reason the execution's `cause`
 * @param describe reads the execution
 * @throws {StepFunctionsError} `unavailable` where it was stopped and still seems to run
 * @throws what `describe` throws, at the last look where it is a {@link StepFunctionsError}
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
  for (const milliseconds of pausesMilliseconds) {
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
