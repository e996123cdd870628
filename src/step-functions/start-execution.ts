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
import { KeyReused } from './idempotency-errors.ts';

export interface NewExecution {
  /** Fixed before the first attempt, so that retries cannot start a second execution. */
  readonly name: string;
  /** Canonical, since Step Functions accepts a name again only with equal input. */
  readonly input: string;
  /** Whether the name is new, so that no earlier request can have used it. */
  readonly isUnique: boolean;
  /** Whose calls count together in the describe budget. */
  readonly caller: string;
  /** The caller's trace, as {@link traceHeaderOf} returns it. */
  readonly traceHeader?: string | undefined;
}

export interface StartedExecution {
  readonly executionArn: string;
  /** `undefined` if Step Functions returned ExecutionAlreadyExists: the execution has closed. */
  readonly startDate: Date | undefined;
  /** Whether an earlier request certainly started the execution. */
  readonly isReplay: boolean;
  readonly awsRequestId: string | undefined;
}

/** An Express execution was started, for which names do not prevent a second start. */
class NotStandard extends Error {
  override readonly name = 'StateMachineTypeNotSupported';
  override readonly message = 'STEP_FUNCTIONS_WORKFLOW_ARN is the ARN of an Express state machine.';
}

// Allows for clock skew between AWS and us: only an older start counts as a replay.
const clockToleranceMilliseconds = 60_000;

/**
 * Starts a Standard execution once, however many attempts it takes. For a name in use, Step
 * Functions returns the first response again while that execution runs with equal input. It returns
 * `ExecutionAlreadyExists` if the execution has closed or its input differs. A unique name was then
 * used by an earlier attempt of this call. Other names are derived from an idempotency key: for them,
 * this compares the inputs.
 *
 * @param now returns milliseconds since the Unix epoch
 * @throws {KeyReused}
 * @throws {StepFunctionsError}
 * @throws the errors of `describeInput`
 */
export async function startExecution(
  client: SFNClient,
  describeInput: DescribeInput,
  stateMachine: StateMachineArn,
  { name, input, isUnique, caller, traceHeader }: NewExecution,
  now: () => number,
): Promise<StartedExecution> {
  const calledAt = now();
  try {
    const response = await client.send(
      new StartExecutionCommand({ stateMachineArn: stateMachine.arn, name, input, traceHeader }),
    );
    if (!response.executionArn || !response.startDate) throw new IncompleteResponse();
    if (classifyExecutionArn(response.executionArn, stateMachine) === 'express') {
      throw new NotStandard();
    }
    const isReplay = response.startDate.getTime() < calledAt - clockToleranceMilliseconds;
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
      // DescribeExecution is eventually consistent and may not find a new execution yet.
      throw cause instanceof StepFunctionsError && cause.failure === 'not-found'
        ? new StepFunctionsError('unavailable', cause.cause)
        : cause;
    });
    if (taken !== input) throw new KeyReused();
    // With several attempts, the first of them may have started the execution.
    const isReplay = attemptsOf(error) === 1;
    return { executionArn: arn, startDate: undefined, isReplay, awsRequestId };
  }
}
