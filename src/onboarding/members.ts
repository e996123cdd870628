import { z } from 'zod';

/** A member that the schema of an object names. */
export interface Member {
  readonly name: string;
  readonly isOptional: boolean;
  /** The schema of its value, without optional and nullable wrappers. */
  readonly schema: z.core.$ZodType;
  /** The members of its value, if that is an object. */
  readonly members: Members | undefined;
  /** From the schema's `meta`. */
  readonly description: string | undefined;
  /** From the schema's `meta`: a valid value, if there is one. */
  readonly example: unknown;
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
    const { description, examples } = { ...metaOf(required), ...metaOf(member) };
    return {
      name,
      isOptional: required !== member,
      schema: required,
      members: required instanceof z.ZodObject ? membersOf(required) : undefined,
      description,
      example: Array.isArray(examples) ? examples[0] : undefined,
    };
  });
  const names = new Set(Object.keys(schema.shape));
  return { known, names, isOpen: schema.def.catchall !== undefined };
}

/** Returns the schema inside optional and nullable wrappers. */
function unwrapOptional(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable;
  return isWrapper ? unwrapOptional(schema.unwrap()) : schema;
}

function metaOf(schema: z.core.$ZodType): z.core.GlobalMeta | undefined {
  return z.globalRegistry.get(schema);
}

/** A member that is not an object, with the names that lead to it. */
export interface Leaf extends Member {
  readonly path: readonly string[];
}

/** Returns the members of an object, and of the objects in it, that are not objects themselves. */
export function leavesOf({ known }: Members, path: readonly string[] = []): Leaf[] {
  return known.flatMap((member) => {
    const memberPath = [...path, member.name];
    return member.members
      ? leavesOf(member.members, memberPath)
      : [{ ...member, path: memberPath }];
  });
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
