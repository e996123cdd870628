import type { z } from 'zod';
import { readMembers } from './request-members.ts';

/**
 * Carries out one operation: takes the request's body, answers the output as the SDK knows it, dates
 * and all.
 *
 * @throws {ServiceError}
 */
export type Operation = (body: unknown) => object | Promise<object>;

/** By name, as in `X-Amz-Target` behind the dot. */
export type Operations = Readonly<Record<string, Operation>>;

export function operation<Members>(
  members: z.ZodType<Members>,
  carryOut: (request: Members) => object | Promise<object>,
): Operation {
  return (body) => carryOut(readMembers(members, body));
}
