import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { responsesOf, withHeadersAndExamples } from './openapi-responses.ts';
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
  settings: Pick<HttpSettings, 'authentication' | 'docs' | 'openApi' | 'rateLimitPerMinute'>,
  info: ApiDescription,
): Promise<void> {
  const { authentication, docs, openApi } = settings;
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { ...info },
      ...(authentication && { components: { securitySchemes: { accessToken } } }),
    },
    transform: (route) => {
      const config = route.route.config ?? {};
      const scope = config.scope && `${authentication?.scopePrefix ?? ''}${config.scope}`;
      const responses = responsesOf(route.schema ?? {}, { ...config, scope }, settings);
      const schema = {
        ...route.schema,
        ...(authentication && scope && { security: [{ accessToken: [scope] }] }),
        response: responses,
      };
      return withHeadersAndExamples(jsonSchemaTransform({ ...route, schema }), responses);
    },
    transformObject: (document) => withoutTwins(jsonSchemaTransformObject(document)),
  });
  if (docs === 'open' && openApi === 'open') {
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
