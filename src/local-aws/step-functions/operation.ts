import type { z } from 'zod';
import { readMembers } from './request-members.ts';

/** The sender of a request. */
export interface Caller {
  /** Empty if the request has no `User-Agent`. */
  readonly userAgent: string;
}

/**
 * Runs one operation of the API. Takes the parsed body of the request, and returns the output with the
 * SDK's types, such as Date.
 *
 * @throws {ServiceError}
 * @throws {InvalidDefinition}
 */
export type Operation = (body: unknown, caller: Caller) => object | Promise<object>;

/** By name: the part of `X-Amz-Target` after the dot. */
export type Operations = Readonly<Record<string, Operation>>;

export function operation<Members>(
  members: z.ZodType<Members>,
  run: (request: Members, caller: Caller) => object | Promise<object>,
): Operation {
  return (body, caller) => run(readMembers(members, body), caller);
}
