import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  insufficientScopeProblem,
  keysUnavailableProblem,
  noTokenProblem,
} from './authentication.ts';
import { overloadedProblem, tooManyRequestsProblem } from './limits.ts';
import { problemResponses } from './problem-responses.ts';
import type { Problem } from './problems.ts';
import type { HttpSettings } from './settings.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route may answer with, for the OpenAPI document. */
    problems?: readonly Problem[];
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
      const schema = withAllAnswers(route.schema ?? {}, route.route.config ?? {}, settings);
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

type Guards = Pick<HttpSettings, 'authentication' | 'rateLimitPerMinute'>;

/** With the route's problems, and what authentication, limits and load shedding add to them. */
function withAllAnswers(
  schema: FastifySchema,
  { scope, answerHeaders, problems = [] }: FastifyContextConfig,
  { authentication, rateLimitPerMinute }: Guards,
): FastifySchema {
  const name = `${authentication?.scopePrefix ?? ''}${scope}`;
  const isSecured = authentication !== undefined && scope !== undefined;
  const isLimited = rateLimitPerMinute !== undefined && scope !== undefined;
  const headers = { ...answerHeaders, ...(isLimited && rateLimitHeaders) };
  const responses = {
    ...describedAnswers(schema, headers),
    ...problemResponses([
      ...problems,
      ...(isSecured
        ? [noTokenProblem(), insufficientScopeProblem(name), keysUnavailableProblem()]
        : []),
      ...(isLimited ? [tooManyRequestsProblem(60)] : []),
      ...(scope === undefined ? [] : [overloadedProblem()]),
    ]),
  };
  const isDescribed = Object.keys(responses).length > 0;
  return {
    ...schema,
    ...(isSecured && { security: [{ accessToken: [name] }] }),
    ...(isDescribed && { response: responses }),
  };
}

const rateLimitHeaders = {
  'ratelimit-limit': 'Requests that this caller may make in a minute',
  'ratelimit-remaining': 'How many of them are left',
  'ratelimit-reset': 'Seconds until they count anew',
};

/** A reference loses its schema's description, which is here handed to the answer that has it. */
function describedAnswers({ response }: FastifySchema, headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(response ?? {}).map(([status, schema]) => [
      status,
      {
        description: schema instanceof z.ZodType ? schema.description : undefined,
        headers,
        content: { 'application/json': { schema } },
      },
    ]),
  );
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
