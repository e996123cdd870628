import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { classifyExecutionArn, executionArn, type StateMachineArn } from './arns.ts';
import {
  attemptsOf,
  awsRequestIdOf,
  failureOf,
  IncompleteResponse,
  StepFunctionsError,
} from './errors.ts';
import type { DescribeInput } from './execution-inputs.ts';

export interface NewExecution {
  /** Fixed before the first attempt, so that no attempt starts a second execution. */
  readonly name: string;
  /** Canonical: Step Functions takes a name again only with the same input. */
  readonly input: string;
  /** Whether only this request can have used the name, or an earlier one may have. */
  readonly isUnique: boolean;
  /** Whose calls count together in the describe budget. */
  readonly caller: string;
  /** The caller's trace, as {@link traceHeaderOf} gives it. */
  readonly traceHeader?: string | undefined;
}

export interface StartedExecution {
  readonly executionArn: string;
  /** `undefined` where Step Functions only said that the name is taken: the execution has closed. */
  readonly startDate: Date | undefined;
  /** Whether it is known that an earlier request started it. */
  readonly isReplay: boolean;
  readonly awsRequestId: string | undefined;
}

/** What was started is an Express execution, which no name keeps from being started again. */
class NotStandard extends Error {
  override readonly name = 'StateMachineTypeNotSupported';
  override readonly message = 'STEP_FUNCTIONS_WORKFLOW_ARN is of an Express state machine.';
}

/** The name belongs to an execution that has another input. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken';
}

// Clocks differ, AWS's from ours too: only a start that is older than this is called a replay.
const clockToleranceMilliseconds = 60_000;

/**
 * Starts a Standard execution exactly once, however many attempts it takes. For a name that is
 * taken, Step Functions returns the first response again while that execution runs, and
 * `ExecutionAlreadyExists` once it has closed or if the input differs. A unique name was then taken
 * by an earlier attempt of this call; for other names, the execution's input decides.
 *
 * @param now epoch milliseconds
 * @throws {NameTaken}
 * @throws {StepFunctionsError}
 * @throws what `describeInput` throws, where the name's execution has to be described
 */
export async function startExecution(
  client: SFNClient,
  describeInput: DescribeInput,
  stateMachine: StateMachineArn,
  { name, input, isUnique, caller, traceHeader }: NewExecution,
  now: () => number,
): Promise<StartedExecution> {
  const began = now();
  try {
    const response = await client.send(
      new StartExecutionCommand({ stateMachineArn: stateMachine.arn, name, input, traceHeader }),
    );
    if (!response.executionArn || !response.startDate) throw new IncompleteResponse();
    if (classifyExecutionArn(response.executionArn, stateMachine) === 'express') {
      throw new NotStandard();
    }
    const isReplay = response.startDate.getTime() < began - clockToleranceMilliseconds;
    return {
      executionArn: response.executionArn,
      startDate: response.startDate,
      isReplay,
      awsRequestId: response.$metadata.requestId,
    };
  } catch (error) {
    const failure = failureOf(error);
    if (failure !== 'already-exists') throw new StepFunctionsError(failure, error);
    const arn = executionArn(stateMachine, name);
    const awsRequestId = awsRequestIdOf(error);
    if (isUnique) return { executionArn: arn, startDate: undefined, isReplay: false, awsRequestId };
    const taken = await describeInput(arn, caller).catch((cause: unknown) => {
      // DescribeExecution is eventually consistent: a name that is taken may not be described yet.
      throw cause instanceof StepFunctionsError && cause.failure === 'not-found'
        ? new StepFunctionsError('unavailable', cause.cause)
        : cause;
    });
    if (taken !== input) throw new NameTaken();
    // After several attempts it may as well be the first of them that was carried out.
    const isReplay = attemptsOf(error) === 1;
    return { executionArn: arn, startDate: undefined, isReplay, awsRequestId };
  }
}
