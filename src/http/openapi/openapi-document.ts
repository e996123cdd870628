interface Components {
  readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
}

/** Adds schemas, paths and media type examples to the document. */
export function completeDocument(
  document: object,
  { schemas, paths }: { schemas: object; paths: object },
) {
  const complete = withoutOutputSchemas(document);
  Object.assign(complete.components.schemas, schemas);
  Object.assign(complete.paths, paths);
  return withExamples(complete);
}

/**
 * fastify-type-provider-zod emits each schema twice: as input, named `…Input`, and as output, which
 * forbids additional members. Keeps only the input schemas, so that responses may gain members.
 */
function withoutOutputSchemas(document: object) {
  const inputSuffix = /Input$/;
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === '$ref') return value.replace(inputSuffix, '');
    if (key !== 'schemas') return value;
    const schemas = Object.entries(value).filter(([name]) => inputSuffix.test(name));
    return Object.fromEntries(
      schemas.map(([name, schema]) => [name.replace(inputSuffix, ''), schema]),
    );
  });
}

/** Copies schema examples to media types, because many tools do not follow the `$ref`. */
function withExamples<Document extends { readonly components: Components }>(document: Document) {
  const { schemas } = document.components;
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === 'parameters' && Array.isArray(value)) return value.map(withoutPrefilledExample);
    if (key !== 'content') return value;
    for (const mediaType of Object.values<{ schema?: { $ref?: string }; example?: unknown }>(
      value,
    )) {
      const name = mediaType.schema?.$ref?.replace('#/components/schemas/', '') ?? '';
      const [example] = schemas[name]?.examples ?? [];
      if (example !== undefined) mediaType.example = example;
    }
    return value;
  });
}

interface Parameter {
  readonly required: boolean;
  readonly schema: object;
  readonly example?: unknown;
}

/**
 * Moves the example of an optional parameter to its schema. Swagger UI prefills the parameter's own
 * example, so that every request would send the same value.
 */
function withoutPrefilledExample(parameter: Parameter): object {
  const { example, ...rest } = parameter;
  if (rest.required || example === undefined) return parameter;
  return { ...rest, schema: { ...rest.schema, examples: [example] } };
}
