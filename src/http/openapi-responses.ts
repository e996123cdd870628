import type { FastifyContextConfig, FastifySchema } from 'fastify';
import type { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  insufficientScopeProblem,
  keysUnavailableProblem,
  noTokenProblem,
} from './authentication.ts';
import { overloadedProblem, tooManyRequestsProblem } from './http-problems.ts';
import {
  type Problem,
  problemContentType,
  problemDetails,
  problemDetailsSchema,
} from './problem.ts';
import type { HttpSettings } from './settings.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The problems that the route may return, for the OpenAPI document. */
    problems?: readonly Problem[];
    /** Headers of the route's success response with their descriptions. Pages of other origins may read them. */
    responseHeaders?: Readonly<Record<string, string>>;
  }
}

interface MediaType {
  readonly schema: unknown;
  readonly examples?: object;
}

/** One response of an operation; `headers` has their descriptions. */
interface OperationResponse {
  readonly description: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Readonly<Record<string, MediaType>>;
}

/** By status. */
type OperationResponses = Readonly<Record<string, OperationResponse>>;

const rateLimitHeaders = {
  'ratelimit-limit': 'Requests that this caller may make in a minute',
  'ratelimit-remaining': 'How many of them are left',
  'ratelimit-reset': 'Seconds until the next minute starts',
};

/** All responses of a route: its own, and what authentication, limits and load shedding add. */
export function responsesOf(
  { response }: FastifySchema,
  { scope, responseHeaders, problems = [] }: FastifyContextConfig,
  {
    authentication,
    rateLimitPerMinute,
  }: Pick<HttpSettings, 'authentication' | 'rateLimitPerMinute'>,
): OperationResponses {
  const isProtected = scope !== undefined;
  const isLimited = isProtected && rateLimitPerMinute !== undefined;
  const headers = { ...responseHeaders, ...(isLimited && rateLimitHeaders) };
  const added = [
    ...(isProtected && authentication
      ? [noTokenProblem(), insufficientScopeProblem(scope), keysUnavailableProblem()]
      : []),
    ...(isLimited ? [tooManyRequestsProblem(60)] : []),
    ...(isProtected ? [overloadedProblem()] : []),
  ];
  return { ...successResponses(response, headers), ...problemResponses([...problems, ...added]) };
}

/**
 * A route declares a response by its JSON schema or, for another media type, by Fastify's `content`.
 */
function successResponses(
  response: unknown,
  headers: OperationResponse['headers'],
): OperationResponses {
  return Object.fromEntries(
    Object.entries(response ?? {}).map(([status, declared]) => [
      status,
      declared instanceof z.ZodType
        ? // A reference loses its schema's description, so the response has it.
          {
            description: declared.description,
            headers,
            content: { 'application/json': { schema: declared } },
          }
        : { ...declared, headers },
    ]),
  );
}

const exampleRequestId = '8e03978e-40d5-43e8-bc93-6894a57f9324';

/** Each of the problems is an example. */
function problemResponses(problems: readonly Problem[]): OperationResponses {
  const byStatus = Map.groupBy(problems, ({ type }) => type.status);
  return Object.fromEntries(
    [...byStatus].map(([status, alike]) => [
      status,
      {
        description: alike.map(({ type }) => type.title).join('; '),
        headers: headersOf(alike),
        content: {
          [problemContentType]: { schema: problemDetailsSchema, examples: examplesOf(alike) },
        },
      },
    ]),
  );
}

const problemHeaders: Readonly<Record<string, string>> = {
  'retry-after': 'Seconds after which to try again',
  'www-authenticate': 'What the access token lacks (RFC 6750)',
};

function headersOf(problems: readonly Problem[]): OperationResponse['headers'] {
  const names = new Set(problems.flatMap(({ extras }) => Object.keys(extras.headers ?? {})));
  return Object.fromEntries(Object.entries(problemHeaders).filter(([name]) => names.has(name)));
}

function examplesOf(problems: readonly Problem[]) {
  return Object.fromEntries(
    problems.map((problem) => [
      problem.type.slug,
      { summary: problem.type.title, value: problemDetails(problem, exampleRequestId) },
    ]),
  );
}

type Transformed = ReturnType<typeof jsonSchemaTransform>;

/** Puts in headers and examples, which the library leaves out. */
export function withHeadersAndExamples(
  transformed: Transformed,
  responses: OperationResponses,
): Transformed {
  const documented = Object(transformed.schema.response);
  for (const [status, { headers, content }] of Object.entries(responses)) {
    const response = documented[status];
    if (response === undefined) continue;
    response.headers = Object.fromEntries(
      Object.entries({ 'x-request-id': 'The request id', ...headers }).map(
        ([name, description]) => [name, { type: 'string', description }],
      ),
    );
    for (const [type, { examples }] of Object.entries(content)) {
      if (examples !== undefined) response.content[type].examples = examples;
    }
  }
  return transformed;
}
