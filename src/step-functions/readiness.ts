import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Settings } from '../settings.ts';
import { errorForLog, failureOf, StepFunctionsError, type StepFunctionsFailure } from './errors.ts';

/** Why requests should go elsewhere. */
export interface NotReady {
  /** Names the setting that is wrong. Without an account, a name or a message of AWS's. */
  readonly reason: string;
  /** For the log alone. */
  readonly cause: Readonly<Record<string, unknown>>;
}

const readyForMilliseconds = 30_000;
const notReadyForMilliseconds = 2000;

const kinds = {
  STANDARD: { setting: 'STEP_FUNCTIONS_WORKFLOW_ARN', is: 'a Standard one' },
  EXPRESS: { setting: 'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS', is: 'an Express one' },
} as const;
type Kind = keyof typeof kinds;

/**
 * Whether both state machines exist and have the right type: `undefined`, or why not. The result is
 * kept for 30 s, or for 2 s if they are not ready. Concurrent callers share it, since
 * DescribeStateMachine has a quota too.
 */
export function createReadinessCheck(
  client: SFNClient,
  { standard, express }: Pick<Settings, 'standard' | 'express'>,
  now: () => number = () => performance.now(),
): () => Promise<NotReady | undefined> {
  const check = async () => {
    const results = await Promise.all([
      checkStateMachine(client, standard.arn, 'STANDARD'),
      checkStateMachine(client, express.arn, 'EXPRESS'),
    ]);
    return results.find((result) => result !== undefined);
  };
  let last: { result: Promise<NotReady | undefined>; until: number } | undefined;
  return () => {
    if (last && now() < last.until) return last.result;
    const checked = { result: check(), until: Number.POSITIVE_INFINITY };
    last = checked;
    void checked.result.then((notReady) => {
      checked.until = now() + (notReady ? notReadyForMilliseconds : readyForMilliseconds);
    });
    return checked.result;
  };
}

async function checkStateMachine(
  client: SFNClient,
  stateMachineArn: string,
  expected: Kind,
): Promise<NotReady | undefined> {
  const { setting, is } = kinds[expected];
  const notReady = (reason: string, cause: NotReady['cause']) => ({
    reason: `${setting}: ${reason}`,
    cause,
  });
  try {
    const { type, status } = await client.send(
      // The definition may be encrypted with a key that this process has no permission for.
      new DescribeStateMachineCommand({ stateMachineArn, includedData: 'METADATA_ONLY' }),
    );
    if (type !== expected) {
      const found = type ? kinds[type].is : 'of an unknown type';
      return notReady(`The state machine is ${found}. Set it to ${is}.`, { type });
    }
    if (status !== 'ACTIVE') return notReady('The state machine is being deleted.', { status });
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    return notReady(reasonOf(failure), errorForLog(new StepFunctionsError(failure, error)));
  }
}

function reasonOf(failure: StepFunctionsFailure): string {
  switch (failure) {
    case 'throttled':
      return 'Step Functions throttles DescribeStateMachine.';
    case 'unavailable':
      return 'Step Functions cannot be reached.';
    case 'misconfigured':
      return 'The state machine does not exist, or this process may not describe it. The log has the cause.';
    case 'not-found':
    case 'already-exists':
    case 'outcome-unknown':
    case 'deadline-exceeded':
    case 'capacity-exhausted':
    case 'aborted':
    case 'unforeseen':
      return 'DescribeStateMachine failed. The log has the cause.';
    default:
      return failure satisfies never;
  }
}
