import { z } from 'zod';

/** A member that the schema of an object names. */
export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  /** The members of its value, if that is an object. */
  readonly members: Members | undefined;
}

/** The members that the schema of an object names, in the order of the schema. */
export interface Members {
  readonly known: readonly Member[];
  readonly names: ReadonlySet<string>;
  /** Whether the schema allows additional members (`catchall`). */
  readonly isOpen: boolean;
}

export function membersOf(schema: z.ZodObject): Members {
  const known = Object.entries(schema.shape).map(([name, member]): Member => {
    const required = unwrapOptional(member);
    return {
      name,
      isOptional: required !== member,
      members: required instanceof z.ZodObject ? membersOf(required) : undefined,
    };
  });
  const names = new Set(Object.keys(schema.shape));
  return { known, names, isOpen: schema.def.catchall !== undefined };
}

/** Returns the schema inside optional and nullable wrappers. */
export function unwrapOptional(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;
  return isWrapper ? unwrapOptional(schema.unwrap()) : schema;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
