import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Settings } from '../settings.ts';
import { errorForLog, failureOf, StepFunctionsError, type StepFunctionsFailure } from './errors.ts';

/** Why requests had better go elsewhere. */
export interface NotReady {
  /** In words that give away no account, name or message of AWS's. */
  readonly reason: string;
  /** For the log alone. */
  readonly cause?: unknown;
}

const goodForMilliseconds = 30_000;
const badForMilliseconds = 2000;

/**
 * Whether both state machines exist and are of their type: `undefined`, or why not. An answer is
 * kept for 30 s, a bad one for 2 s, and callers who ask meanwhile share it, since
 * DescribeStateMachine has a quota too.
 */
export function createReadinessCheck(
  client: SFNClient,
  { standard, express }: Pick<Settings, 'standard' | 'express'>,
  now: () => number = () => performance.now(),
): () => Promise<NotReady | undefined> {
  const check = async () => {
    const answers = await Promise.all([
      look(client, standard.arn, 'STANDARD'),
      look(client, express.arn, 'EXPRESS'),
    ]);
    return answers.find((answer) => answer !== undefined);
  };
  let last: { answer: Promise<NotReady | undefined>; until: number } | undefined;
  return () => {
    if (last && now() < last.until) return last.answer;
    const checked = { answer: check(), until: Number.POSITIVE_INFINITY };
    last = checked;
    void checked.answer.then((answer) => {
      checked.until = now() + (answer === undefined ? goodForMilliseconds : badForMilliseconds);
    });
    return checked.answer;
  };
}

async function look(
  client: SFNClient,
  stateMachineArn: string,
  type: 'STANDARD' | 'EXPRESS',
): Promise<NotReady | undefined> {
  const label = `The ${type === 'STANDARD' ? 'Standard' : 'Express'} state machine`;
  try {
    const found = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    if (found.type !== type) return { reason: `${label} is of the other type.` };
    if (found.status !== 'ACTIVE') return { reason: `${label} is being deleted.` };
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    return {
      reason: `${label} ${consequences[failure] ?? 'cannot be described.'}`,
      cause: errorForLog(new StepFunctionsError(failure, error)),
    };
  }
}

const consequences: Partial<Record<StepFunctionsFailure, string>> = {
  throttled: 'cannot be described: Step Functions throttles.',
  unavailable: 'cannot be described: Step Functions cannot be reached.',
  misconfigured: 'does not exist, or this process may not describe it. Its log says which.',
};
