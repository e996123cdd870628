import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';

/** What is wrong with one member. Never contains the value that was sent. */
export interface Finding {
  /** Path of the member, like `user.email`; empty for the body itself. */
  readonly path: string;
  readonly message: string;
}

export const findingsSchema = z
  .array(z.object({ path: z.string(), message: z.string() }))
  .meta({ description: 'What is wrong with each member, without the values that were sent' });

/** The request does not match the schema of its route. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  readonly findings: readonly Finding[];
  /** The `id` of the schema's metadata. */
  readonly schemaId: string | undefined;

  constructor(findings: readonly Finding[], schemaId: string | undefined) {
    super('The request does not match the schema of its route.');
    this.findings = findings;
    this.schemaId = schemaId;
  }
}

/** The findings for a body with tens of thousands of invalid members would be larger than the body. */
export const maximumFindings = 1000;

/** The message for a required member that is missing, unless its schema has one of its own. */
export const missingMember = 'Required';

/** Validates requests with zod schemas. Handlers get the value that the schema returns. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (value) => {
    const result = schema.safeParse(value, {
      error: ({ input }) => (input === undefined ? missingMember : undefined),
    });
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
