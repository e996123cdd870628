import camelCase from 'camelcase';
import { z } from 'zod';
import { type Problem, type ProblemType, problemDetailsSchemaOf } from './problem.ts';

/** Each problem type as a component of the OpenAPI document. */
export interface ProblemSchemas {
  /** The schema of a response that is one of these problems. */
  schemaOf(problems: readonly Problem[]): object;
  /** The components that were referred to so far, by name. */
  components(): Readonly<Record<string, object>>;
}

export function createProblemSchemas(publicUrl: string | undefined): ProblemSchemas {
  const components: Record<string, object> = {};
  const referenceTo = (type: ProblemType) => {
    const name = camelCase(`${type.slug}-problem`, { pascalCase: true });
    components[name] ??= jsonSchemaOf(problemDetailsSchemaOf(type, publicUrl));
    return `#/components/schemas/${name}`;
  };
  return {
    schemaOf(problems) {
      const references = [...new Set(problems.map(({ type }) => referenceTo(type)))];
      const schemas = references.map(($ref) => ({ $ref }));
      const [only, ...others] = schemas;
      return only && others.length === 0 ? only : { oneOf: schemas };
    },
    components: () => components,
  };
}

/** As what is read rather than written, to which members may be added. */
function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema, { io: 'input' });
  return jsonSchema;
}
