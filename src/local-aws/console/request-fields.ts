import type { z } from 'zod';
import { leavesOf, membersOf } from '../../onboarding/members.ts';
import type { RequestField } from './view.ts';

/** Returns the fields of a form for requests of the schema. */
export function requestFields(schema: z.ZodObject): RequestField[] {
  return leavesOf(membersOf(schema)).map(({ path, isOptional, description, example }) => ({
    path,
    isOptional,
    description,
    example,
  }));
}
