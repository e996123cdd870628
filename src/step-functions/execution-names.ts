import { hash, randomUUID } from 'node:crypto';

/** Step Functions' own limit on an execution's name, in characters. */
export const maximumNameLength = 80;

const prefix = 'user-onboarding-';

/**
 * A new name, `user-onboarding-<userId>-<uuid>`. Only characters that CloudWatch can log remain of
 * the user id, and it is cut so that the uuid always fits.
 */
export function uniqueExecutionName(userId: string, uuid: string = randomUUID()): string {
  const room = maximumNameLength - prefix.length - uuid.length - 1;
  const readable = userId.replace(/[^0-9A-Za-z_-]/gu, '_').slice(0, room);
  return `${prefix}${readable}-${uuid}`;
}

/**
 * The one name that an idempotency key has, so that Step Functions itself refuses a second start
 * until 90 days after the execution closed. `caller` keeps the keys of different callers apart;
 * it is left out where nobody is authenticated.
 */
export function keyedExecutionName(idempotencyKey: string, caller: string | undefined): string {
  const digest = hash('sha256', JSON.stringify([idempotencyKey, caller]), 'base64url');
  return `${prefix}key-${digest}`;
}
