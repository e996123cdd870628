import { hash, randomUUID } from 'node:crypto';

/** Step Functions' limit for the name of an execution, in characters. */
const maximumNameLength = 80;

const prefix = 'user-onboarding-';

/**
 * Returns a new name, `user-onboarding-<userId>-<uuid>`. Characters of the user id that CloudWatch
 * cannot log become `_`, and the user id is cut so that the uuid always fits.
 */
export function uniqueExecutionName(userId: string, uuid: string = randomUUID()): string {
  const maximumIdLength = maximumNameLength - prefix.length - uuid.length - 1;
  const readable = userId.replace(/[^0-9A-Za-z_-]/gu, '_').slice(0, maximumIdLength);
  return `${prefix}${readable}-${uuid}`;
}

/**
 * Derives the name from an idempotency key, so that Step Functions itself refuses a second start
 * until 90 days after the execution closed.
 *
 * @param caller separates the keys of different callers; `undefined` without authentication
 */
export function idempotentExecutionName(
  idempotencyKey: string,
  caller: string | undefined,
): string {
  const digest = hash('sha256', JSON.stringify([idempotencyKey, caller]), 'base64url');
  return `${prefix}key-${digest}`;
}
