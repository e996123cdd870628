import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Settings } from '../settings.ts';
import { failureOf, type StepFunctionsFailure } from './errors.ts';

const goodForMilliseconds = 30_000;
const badForMilliseconds = 2000;

/**
 * Whether both state machines exist and are of their type: `undefined`, or the reason why not, in
 * words that give away no account, name or message of AWS's. An answer is kept for 30 s, a bad one
 * for 2 s, and callers who ask meanwhile share it, since DescribeStateMachine has a quota too.
 */
export function createReadinessCheck(
  client: SFNClient,
  { standard, express }: Pick<Settings, 'standard' | 'express'>,
  now: () => number = () => performance.now(),
): () => Promise<string | undefined> {
  const check = async () => {
    const reasons = await Promise.all([
      reasonOf(client, standard.arn, 'STANDARD'),
      reasonOf(client, express.arn, 'EXPRESS'),
    ]);
    return reasons.find((reason) => reason !== undefined);
  };
  let last: { reason: Promise<string | undefined>; until: number } | undefined;
  return () => {
    if (last && now() < last.until) return last.reason;
    const checked = { reason: check(), until: Number.POSITIVE_INFINITY };
    last = checked;
    void checked.reason.then((reason) => {
      checked.until = now() + (reason === undefined ? goodForMilliseconds : badForMilliseconds);
    });
    return checked.reason;
  };
}

async function reasonOf(
  client: SFNClient,
  stateMachineArn: string,
  type: 'STANDARD' | 'EXPRESS',
): Promise<string | undefined> {
  const label = `The ${type === 'STANDARD' ? 'Standard' : 'Express'} state machine`;
  try {
    const found = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    if (found.type !== type) return `${label} is of the other type.`;
    if (found.status !== 'ACTIVE') return `${label} is being deleted.`;
    return undefined;
  } catch (error) {
    return `${label} ${consequences[failureOf(error)] ?? 'cannot be described.'}`;
  }
}

const consequences: Partial<Record<StepFunctionsFailure, string>> = {
  throttled: 'cannot be described: Step Functions throttles.',
  unavailable: 'cannot be described: Step Functions cannot be reached.',
  misconfigured: 'does not exist, or this process may not describe it. Its log says which.',
};
