import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
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
      if (authentication === undefined || scope === undefined) return jsonSchemaTransform(route);
      const name = `${authentication.scopePrefix ?? ''}${scope}`;
      return jsonSchemaTransform({ ...route, schema: secured(route.schema, name) });
    },
    transformObject: jsonSchemaTransformObject,
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
