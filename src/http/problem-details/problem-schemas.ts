import { z } from 'zod';
import { type Problem, type ProblemType, problemDetailsSchemaOf } from './problem.ts';

/** Collects the schemas of problem types as components of the OpenAPI document. */
export interface ProblemSchemas {
  /** Returns the schema of a response that is one of these problems, and adds its components. */
  schemaOf(problems: readonly Problem[]): object;
  /** Returns the components added so far, by name. */
  components(): Readonly<Record<string, object>>;
}

export function createProblemSchemas(publicUrl: string | undefined): ProblemSchemas {
  const components: Record<string, object> = {};
  const referenceTo = (type: ProblemType) => {
    const name = componentName(type);
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

/** Returns a name such as `NotFoundProblem`. */
function componentName({ slug }: ProblemType): string {
  const pascalCase = slug.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) =>
    letter.toUpperCase(),
  );
  return `${pascalCase}Problem`;
}

/** Uses the input form of the schema, which allows additional members. */
function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema, { io: 'input' });
  return jsonSchema;
}
