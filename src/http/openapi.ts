import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { insufficientScopeProblem, noTokenProblem } from './authentication.ts';
import { tooManyRequestsProblem } from './limits.ts';
import { problemResponses } from './problem-responses.ts';
import type { HttpSettings } from './settings.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Headers of the route's good answer, and what they say. */
    answerHeaders?: Readonly<Record<string, string>>;
  }
}

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
      const { scope, answerHeaders } = route.route.config ?? {};
      const described = describedAnswers(route.schema, answerHeaders);
      const schema = scope === undefined ? described : guarded(described, scope, settings);
      return withHeadersAndExamples(jsonSchemaTransform({ ...route, schema }), schema);
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

/** A reference loses its schema's description, which is here handed to the answer that has it. */
function describedAnswers(
  schema: FastifySchema = {},
  headers: Readonly<Record<string, string>> = {},
): FastifySchema {
  const responses = Object.entries(schema.response ?? {}).map(([status, answer]) => {
    if (!(answer instanceof z.ZodType)) return [status, answer];
    const { description } = answer;
    return [status, { description, headers, content: { 'application/json': { schema: answer } } }];
  });
  return { ...schema, response: Object.fromEntries(responses) };
}

const describedResponses = z.record(
  z.string(),
  z.looseObject({
    headers: z.record(z.string(), z.string()).default({}),
    content: z.record(z.string(), z.looseObject({ examples: z.unknown() })),
  }),
);

/** The library leaves these out, so they are put in after it. */
function withHeadersAndExamples(
  transformed: ReturnType<typeof jsonSchemaTransform>,
  { response }: FastifySchema,
): ReturnType<typeof jsonSchemaTransform> {
  const { schema } = transformed;
  if (schema.hide || !schema.response) return transformed;
  for (const [status, { headers, content }] of Object.entries(describedResponses.parse(response))) {
    const answer = Object(schema.response)[status];
    answer.headers = Object.fromEntries(
      Object.entries({ 'x-request-id': 'The request id', ...headers }).map(
        ([name, description]) => [name, { type: 'string', description }],
      ),
    );
    for (const [type, { examples }] of Object.entries(content)) {
      if (examples !== undefined) answer.content[type].examples = examples;
    }
  }
  return transformed;
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

/** With what authentication and the rate limit add to a route. */
function guarded(
  schema: FastifySchema,
  scope: string,
  {
    authentication,
    rateLimitPerMinute,
  }: Pick<HttpSettings, 'authentication' | 'rateLimitPerMinute'>,
): FastifySchema {
  const name = `${authentication?.scopePrefix ?? ''}${scope}`;
  const problems = [
    ...(authentication ? [noTokenProblem(), insufficientScopeProblem(name)] : []),
    ...(rateLimitPerMinute === undefined ? [] : [tooManyRequestsProblem(60)]),
  ];
  return {
    ...schema,
    ...(authentication && { security: [{ accessToken: [name] }] }),
    response: { ...Object(schema.response), ...problemResponses(problems) },
  };
}
