import swagger from '@fastify/swagger';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { createProblemSchemas } from '../problem-details/problem-schemas.ts';
import type { HttpSettings } from '../settings.ts';
import { completeDocument } from './openapi-document.ts';
import { describedResponses, responsesOf } from './openapi-responses.ts';
import { registerSwaggerUi } from './swagger-ui.ts';

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly license: { readonly name: string; readonly identifier: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** Path Item Objects of paths on other servers, each with its own `servers`. */
  readonly otherPaths: Readonly<Record<string, object>>;
}

/**
 * Registers `/openapi.json`, an OpenAPI 3.1 document generated from the schemas of the routes, and
 * Swagger UI at `/docs`. With authentication, the document has a security scheme, for which Swagger
 * UI asks for a token.
 */
export async function registerOpenApi(
  app: FastifyInstance,
  settings: Pick<
    HttpSettings,
    'authentication' | 'docs' | 'externalDocs' | 'openApi' | 'publicUrl' | 'rateLimitPerMinute'
  >,
  { tags, otherPaths, ...info }: ApiDescription,
): Promise<void> {
  const { authentication, docs, externalDocs, openApi, publicUrl } = settings;
  const problemSchemas = createProblemSchemas(publicUrl);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      servers: [{ url: publicUrl ?? '/' }],
      tags: [...tags],
      ...(externalDocs && { externalDocs }),
      ...(authentication && { components: { securitySchemes: { accessToken } } }),
    },
    transform: ({ schema, route, ...rest }) => {
      const config: FastifyContextConfig = route.config ?? {};
      const scope = config.scope && `${authentication?.scopePrefix ?? ''}${config.scope}`;
      const response = describedResponses(schema?.response);
      const transformed = jsonSchemaTransform({ ...rest, route, schema: { ...schema, response } });
      const responses = responsesOf(
        Object(transformed.schema).response ?? {},
        { ...config, scope },
        settings,
        problemSchemas,
      );
      const security = authentication && scope ? [{ accessToken: [scope] }] : [];
      return {
        ...transformed,
        schema: { ...transformed.schema, security, response: responses },
      };
    },
    transformObject: (document) =>
      completeDocument(jsonSchemaTransformObject(document), {
        schemas: problemSchemas.components(),
        paths: otherPaths,
      }),
  });
  if (docs === 'open' && openApi === 'open') await registerSwaggerUi(app, settings, info.title);
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
  description: 'An OAuth 2 access token. Paste the token alone, without `Bearer ` before it.',
} as const;
