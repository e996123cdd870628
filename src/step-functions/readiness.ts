import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Settings } from '../settings.ts';
import { errorForLog, failureOf, StepFunctionsError, type StepFunctionsFailure } from './errors.ts';

/** Why the service cannot serve requests. */
export interface NotReady {
  /** Names the wrong setting. Contains no account, resource name or message from AWS. */
  readonly reason: string;
  /** For the log only. */
  readonly cause: Readonly<Record<string, unknown>>;
}

const readyCacheMilliseconds = 30_000;
const notReadyCacheMilliseconds = 2000;

const kinds = {
  STANDARD: { setting: 'STEP_FUNCTIONS_WORKFLOW_ARN', type: 'Standard' },
  EXPRESS: { setting: 'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS', type: 'Express' },
} as const;
type Kind = keyof typeof kinds;

const reasons: Readonly<Partial<Record<StepFunctionsFailure, string>>> = {
  throttled: 'Step Functions throttles DescribeStateMachine.',
  unavailable: 'Step Functions is unavailable.',
  misconfigured:
    'The state machine does not exist, or this process lacks the permission to describe it. The log has the cause.',
};
const otherReason = 'DescribeStateMachine failed. The log has the cause.';

/**
 * Returns a function that checks that both state machines exist and have the right type. It returns
 * `undefined`, or why they cannot be used. The result is cached for 30 s, or for 2 s if they cannot,
 * and shared by concurrent callers, since DescribeStateMachine has a quota.
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
      checked.until = now() + (notReady ? notReadyCacheMilliseconds : readyCacheMilliseconds);
    });
    return checked.result;
  };
}

async function checkStateMachine(
  client: SFNClient,
  stateMachineArn: string,
  expected: Kind,
): Promise<NotReady | undefined> {
  const { setting, type: wanted } = kinds[expected];
  const notReady = (reason: string, cause: NotReady['cause']) => ({
    reason: `${setting}: ${reason}`,
    cause,
  });
  try {
    const { type, status } = await client.send(
      // Without the definition, which may be encrypted with a key that this process may not use.
      new DescribeStateMachineCommand({ stateMachineArn, includedData: 'METADATA_ONLY' }),
    );
    if (type !== expected) {
      const found = type ? kinds[type].type : 'unknown';
      return notReady(
        `The type of the state machine is ${found}. Set it to the ARN of a state machine of type ${wanted}.`,
        { type },
      );
    }
    if (status !== 'ACTIVE') return notReady('The state machine is being deleted.', { status });
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    const cause = errorForLog(new StepFunctionsError(failure, error));
    return notReady(reasons[failure] ?? otherReason, cause);
  }
}
