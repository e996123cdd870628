import type { z } from 'zod';
import { readMembers } from './request-members.ts';

/** Who sent a request. */
export interface Caller {
  /** Empty where the request has no `User-Agent`. */
  readonly userAgent: string;
}

/**
 * Carries out one operation: takes the request's body, returns the output as the SDK has it, dates
 * included.
 *
 * @throws {ServiceError}
 */
export type Operation = (body: unknown, caller: Caller) => object | Promise<object>;

/** By name, as in `X-Amz-Target` behind the dot. */
export type Operations = Readonly<Record<string, Operation>>;

export function operation<Members>(
  members: z.ZodType<Members>,
  run: (request: Members, caller: Caller) => object | Promise<object>,
): Operation {
  return (body, caller) => run(readMembers(members, body), caller);
}
