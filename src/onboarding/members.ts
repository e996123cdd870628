import { z } from 'zod';

/** A member that an object's schema names. */
export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  /** Where it is an object: its own members. */
  readonly members: Members | undefined;
}

/** The members that an object's schema names, in its order. */
export interface Members {
  readonly known: readonly Member[];
  readonly names: ReadonlySet<string>;
  /** Whether others may stand beside them, and are kept. */
  readonly isOpen: boolean;
}

export function membersOf(schema: z.ZodObject): Members {
  const known = Object.entries(schema.shape).map(([name, member]): Member => {
    const required = withoutOptional(member);
    return {
      name,
      isOptional: required !== member,
      members: required instanceof z.ZodObject ? membersOf(required) : undefined,
    };
  });
  const names = new Set(Object.keys(schema.shape));
  return { known, names, isOpen: schema.def.catchall !== undefined };
}

/** What an optional or nullable schema wraps. */
export function withoutOptional(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;
  return isWrapper ? withoutOptional(schema.unwrap()) : schema;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
