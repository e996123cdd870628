import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problemContentType, problemSchema } from './problems.ts';
import type { HttpSettings } from './settings.ts';

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

/**
 * `/openapi.json`, OpenAPI 3.1 from the routes' own schemas, and Swagger UI at `/docs`. Where
 * callers are authenticated, the document says how, and Swagger UI takes a token to send.
 */
export async function registerOpenApi(
  app: FastifyInstance,
  { authentication, docs, openApi }: Pick<HttpSettings, 'authentication' | 'docs' | 'openApi'>,
  info: ApiDescription,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { ...info },
      ...(authentication && { components: { securitySchemes: { accessToken } } }),
    },
    transform: (route) => {
      const scope = route.route.config?.scope;
      const schema = described(route.schema);
      if (authentication === undefined || scope === undefined) {
        return jsonSchemaTransform({ ...route, schema });
      }
      const name = `${authentication.scopePrefix ?? ''}${scope}`;
      return jsonSchemaTransform({ ...route, schema: secured(schema, name) });
    },
    transformObject: (document) => withoutTwins(jsonSchemaTransformObject(document)),
  });
  if (docs === 'open') {
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: {
        tryItOutEnabled: true,
        displayRequestDuration: true,
      },
    });
  }
  if (openApi === 'off') return;
  let document: string | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(app.swagger());
    return reply.type('application/json').send(document);
  });
}

const accessToken = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'An OAuth 2 access token',
} as const;

/** A reference loses its schema's description, which is here handed to the answer that has it. */
function described(schema: FastifySchema = {}): FastifySchema {
  const { response } = schema;
  if (typeof response !== 'object' || response === null) return schema;
  const responses = Object.entries(response).map(([status, answer]) => {
    if (!(answer instanceof z.ZodType)) return [status, answer];
    const { description } = answer;
    return [status, { description, content: { 'application/json': { schema: answer } } }];
  });
  return { ...schema, response: Object.fromEntries(responses) };
}

/**
 * The library has two of each schema: `…Input` as it is read, and as it is written, where it
 * promises that no member will ever be added. Here one is right for both: the first.
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

function secured(schema: FastifySchema | undefined, scope: string): FastifySchema {
  const problem = (description: string) => ({
    description,
    content: { [problemContentType]: { schema: problemSchema } },
  });
  const responses = schema?.response;
  return {
    ...schema,
    security: [{ accessToken: [scope] }],
    response: {
      ...(typeof responses === 'object' ? responses : {}),
      401: problem('There is no access token, or not one that is accepted'),
      403: problem(`The access token lacks the scope ${scope}`),
      429: problem('Too many requests of this caller'),
    },
  };
}
