import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

/** What is wrong with one member, without the value that was found. */
export interface Finding {
  /** Where, as in `user.email`; empty for the body itself. */
  readonly path: string;
  readonly message: string;
}

export const findingsSchema = z
  .array(z.object({ path: z.string(), message: z.string() }))
  .meta({ description: 'What is wrong, member by member; never a value that was sent' });

/** A request that breaks its route's schema. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  readonly findings: readonly Finding[];
  /** The `id` of the schema's metadata. */
  readonly schemaId: string | undefined;

  constructor(findings: readonly Finding[], schemaId: string | undefined) {
    super('The request breaks the schema of its route.');
    this.findings = findings;
    this.schemaId = schemaId;
  }
}

/** A body can have tens of thousands of wrong members, whose findings would be many times its size. */
export const maximumFindings = 1000;

/** Lets zod schemas validate requests; handlers see what the schema made of the value. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (value) => {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data };
    return {
      error: new InvalidRequest(
        result.error.issues
          .slice(0, maximumFindings)
          .map(({ path, message }) => ({ path: path.join('.'), message })),
        schema.meta()?.id,
      ),
    };
  };
