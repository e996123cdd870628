import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { z } from 'zod';

const response = z.looseObject({
  description: z.string(),
  headers: z.record(
    z.string(),
    z.looseObject({ description: z.string(), schema: z.record(z.string(), z.unknown()) }),
  ),
  content: z.record(
    z.string(),
    z.looseObject({
      schema: z.looseObject({}),
      example: z.unknown().optional(),
      examples: z.record(z.string(), z.looseObject({ value: z.unknown() })).optional(),
    }),
  ),
});
const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        required: z.boolean(),
        example: z.unknown().optional(),
        schema: z.looseObject({ examples: z.array(z.unknown()).optional() }),
      }),
    )
    .optional(),
  requestBody: z
    .looseObject({
      content: z.record(z.string(), z.looseObject({ example: z.unknown().optional() })),
    })
    .optional(),
  responses: z.record(z.string(), response.partial({ headers: true })),
});
const openApiDocument = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.looseObject({ examples: z.array(z.unknown()).optional() })),
  }),
});

export type OpenApiDocument = z.infer<typeof openApiDocument>;

export async function openApiDocumentOf(url: string): Promise<OpenApiDocument> {
  const response = await fetch(`${url}/openapi.json`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return openApiDocument.parse(await response.json());
}

/** Expects everything that the page of Swagger UI loads to be there. */
export async function expectAssets(page: Response): Promise<void> {
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    const response = await fetch(new URL(asset, page.url));
    expect(response.status, asset).toBe(200);
    // An unread body would keep its connection open, and so the app from closing.
    await response.arrayBuffer();
  }
}

export interface ObservedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Checks requests and responses against the OpenAPI document, by JSON Schema 2020-12. */
export function createDocumentChecker(document: OpenApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const isValid = (pointer: readonly string[], value: unknown): boolean => {
    const validate = ajv.getSchema(`openapi#/${pointer.map(escapeToken).join('/')}`);
    if (!validate) throw new Error(`There is nothing at ${pointer.join(' ')}.`);
    return validate(value) === true;
  };
  return {
    has: (path: string, method: string): boolean => document.paths[path]?.[method] !== undefined,
    /** Whether the operation accepts this request body. */
    accepts(path: string, method: string, body: unknown): boolean {
      const at = ['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'];
      return isValid(at, body);
    },
    /** Fails unless the document has this response for the operation. */
    expectDocumented(path: string, method: string, observed: ObservedResponse): void {
      const { status, headers, body } = observed;
      const what = `${method} ${path} ${status}: ${body.slice(0, 300)}`;
      const documented = document.paths[path]?.[method]?.responses[status];
      expect(documented, what).toBeDefined();
      const type = String(headers['content-type']);
      expect(Object.keys(documented?.content ?? {}), what).toContain(mediaTypeIn(type));
      const at = ['paths', path, method, 'responses', String(status)];
      const value: unknown = type.startsWith('text/') ? body : JSON.parse(body);
      const isGood = isValid([...at, 'content', mediaTypeIn(type), 'schema'], value);
      expect(isGood ? [] : [what, ajv.errors], what).toEqual([]);
      for (const [name, { schema }] of Object.entries(documented?.headers ?? {})) {
        const text = headers[name];
        if (text === undefined) continue;
        const header = schema.type === 'integer' ? Number(text) : text;
        expect(isValid([...at, 'headers', name, 'schema'], header), `${what} ${name}`).toBe(true);
      }
    },
  };
}

/** Without the parameters of a JSON type; the documented text types keep theirs. */
function mediaTypeIn(contentType: string): string {
  return contentType.replace(/^(application\/[a-z+]+);.*$/, '$1');
}

/** Escapes a token of a JSON Pointer in a URI fragment (RFC 6901, 6). */
function escapeToken(token: string): string {
  return encodeURIComponent(token.replaceAll('~', '~0').replaceAll('/', '~1'));
}
