import type { FastifyContextConfig } from 'fastify';
import { z } from 'zod';
import {
  insufficientScopeProblem,
  keysUnavailableProblem,
  noTokenProblem,
} from '../authentication/authentication.ts';
import {
  headersTooLargeProblem,
  internalErrorProblem,
  overloadedProblem,
  requestTimeoutProblem,
  tooManyRequestsProblem,
  unparsableRequestProblem,
} from '../problem-details/http-problems.ts';
import { type Problem, problemContentType, problemDetails } from '../problem-details/problem.ts';
import type { ProblemSchemas } from '../problem-details/problem-schemas.ts';
import type { HttpSettings } from '../settings.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The problems that the route may return, for the OpenAPI document. */
    problems?: readonly Problem[];
    /** Headers of the route's success response. Pages of other origins may read them. */
    responseHeaders?: HeaderSchemas;
  }
}

/** JSON schemas by header name. */
type HeaderSchemas = Readonly<Record<string, { readonly description: string }>>;

/** A header whose value is a whole number, such as seconds or requests. */
export function countHeader(description: string) {
  return { type: 'integer', minimum: 0, description };
}

export function textHeader(description: string) {
  return { type: 'string', description };
}

const requestIdHeader = {
  'x-request-id': textHeader('The request id: that of the request if it is valid, or a new one'),
};

const rateLimitHeaders = {
  'ratelimit-limit': countHeader('Requests that a caller may make in a minute'),
  'ratelimit-remaining': countHeader('Requests left in the current window'),
  'ratelimit-reset': countHeader('Seconds until the window ends'),
};

const problemHeaders: HeaderSchemas = {
  'retry-after': countHeader('Seconds after which to try again'),
  'www-authenticate': textHeader('What the access token lacks (RFC 6750)'),
  'accept-encoding': textHeader('The accepted content coding'),
};

/** Problems of the HTTP server, found before the route and the caller are known. */
const serverProblems = [
  unparsableRequestProblem(),
  requestTimeoutProblem(),
  headersTooLargeProblem(),
];
const serverStatuses = [requestTimeoutProblem(), headersTooLargeProblem()].map(
  ({ type }) => type.status,
);

/** A Response Object in the form of @fastify/swagger, where each header is a JSON schema. */
interface OperationResponse {
  readonly description?: string | undefined;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: object;
}

/**
 * Converts the responses that a route declares as zod schemas to Fastify's `content` form. That form
 * keeps the description, which a `$ref` would lose.
 */
export function describedResponses(declared: unknown): Record<string, object> {
  return mapValues(Object(declared), (response) =>
    response instanceof z.ZodType
      ? {
          description: response.description,
          content: { 'application/json': { schema: response } },
        }
      : Object(response),
  );
}

/**
 * Returns all responses of a route by status: its own, and those of the server, authentication, rate
 * limits and load shedding.
 *
 * @param declared the route's success responses
 */
export function responsesOf(
  declared: Readonly<Record<string, OperationResponse>>,
  { scope, responseHeaders = {}, problems = [] }: FastifyContextConfig,
  {
    authentication,
    publicUrl,
    rateLimitPerMinute,
  }: Pick<HttpSettings, 'authentication' | 'publicUrl' | 'rateLimitPerMinute'>,
  problemSchemas: ProblemSchemas,
): Record<string, OperationResponse> {
  const isProtected = scope !== undefined;
  const isLimited = isProtected && rateLimitPerMinute !== undefined;
  const all = [
    ...problems,
    ...(isProtected && authentication
      ? [noTokenProblem(), insufficientScopeProblem(scope), keysUnavailableProblem()]
      : []),
    ...(isLimited ? [tooManyRequestsProblem(60)] : []),
    ...(isProtected ? [overloadedProblem()] : []),
    ...serverProblems,
    internalErrorProblem(),
  ];
  const commonHeaders = (status: number) => ({
    ...requestIdHeader,
    ...(isLimited && !serverStatuses.includes(status) && rateLimitHeaders),
  });
  return {
    ...mapValues(declared, (response, status) => ({
      ...response,
      headers: { ...commonHeaders(Number(status)), ...responseHeaders },
    })),
    ...mapValues(Object.fromEntries(Map.groupBy(all, statusOf)), (alike, status) => ({
      description: [...new Set(alike.map(({ type }) => type.title))].join('; '),
      headers: { ...commonHeaders(Number(status)), ...headersOf(alike) },
      content: {
        [problemContentType]: {
          schema: problemSchemas.schemaOf(alike),
          examples: examplesOf(alike, publicUrl),
        },
      },
    })),
  };
}

const statusOf = ({ type }: Problem): number => type.status;

function headersOf(problems: readonly Problem[]): HeaderSchemas {
  const names = new Set(problems.flatMap(({ extras }) => Object.keys(extras.headers ?? {})));
  return Object.fromEntries(Object.entries(problemHeaders).filter(([name]) => names.has(name)));
}

const exampleRequestId = '8e03978e-40d5-43e8-bc93-6894a57f9324';

function examplesOf(problems: readonly Problem[], publicUrl: string | undefined) {
  return Object.fromEntries(
    problems.map((problem) => [
      problem.type.slug,
      { summary: problem.type.title, value: problemDetails(problem, exampleRequestId, publicUrl) },
    ]),
  );
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
