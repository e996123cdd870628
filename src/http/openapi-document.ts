interface Components {
  readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
}

/** Adds schemas and paths to the document, and examples wherever tools look for them. */
export function completeDocument(
  document: object,
  { schemas, paths }: { schemas: object; paths: object },
) {
  const complete = withoutTwins(document);
  Object.assign(complete.components.schemas, schemas);
  Object.assign(complete.paths, paths);
  return withExamples(complete);
}

/**
 * The library emits each schema twice: `…Input` as it is read, and as it is written, which allows no
 * further members. Keeps the first for both, so that members can be added to responses.
 */
function withoutTwins(document: object) {
  const twin = /Input$/;
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === '$ref') return value.replace(twin, '');
    if (key !== 'schemas') return value;
    const schemas = Object.entries(value).filter(([name]) => twin.test(name));
    return Object.fromEntries(schemas.map(([name, schema]) => [name.replace(twin, ''), schema]));
  });
}

/** A media type shows the example of its schema: many tools do not look behind the reference. */
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
 * The example of an optional parameter belongs in its schema: Swagger UI would send that of the
 * parameter itself with every request, so that each start would be a replay of the first.
 */
function withoutPrefilledExample(parameter: Parameter): object {
  const { example, ...rest } = parameter;
  if (rest.required || example === undefined) return parameter;
  return { ...rest, schema: { ...rest.schema, examples: [example] } };
}
