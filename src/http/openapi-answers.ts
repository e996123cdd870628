import type { FastifyContextConfig, FastifySchema } from 'fastify';
import type { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  insufficientScopeProblem,
  keysUnavailableProblem,
  noTokenProblem,
} from './authentication.ts';
import { overloadedProblem, tooManyRequestsProblem } from './limits.ts';
import { type Problem, problemContentType, problemDocument, problemSchema } from './problems.ts';
import type { HttpSettings } from './settings.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route may answer with, for the OpenAPI document. */
    problems?: readonly Problem[];
    /** Headers of the route's good answer, and what they say. */
    answerHeaders?: Readonly<Record<string, string>>;
  }
}

/** One answer of an operation; `headers` has what each of them says. */
export interface Answer {
  readonly description: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Readonly<
    Record<string, { readonly schema: unknown; readonly examples?: object }>
  >;
}

/** By status. */
export type Answers = Readonly<Record<string, Answer>>;

const rateLimitHeaders = {
  'ratelimit-limit': 'Requests that this caller may make in a minute',
  'ratelimit-remaining': 'How many of them are left',
  'ratelimit-reset': 'Seconds until they count anew',
};

/** All that a route may answer with: its own, and what authentication, limits and load add to them. */
export function answersOf(
  { response }: FastifySchema,
  { scope, answerHeaders, problems = [] }: FastifyContextConfig,
  {
    authentication,
    rateLimitPerMinute,
  }: Pick<HttpSettings, 'authentication' | 'rateLimitPerMinute'>,
): Answers {
  const isProtected = scope !== undefined;
  const isLimited = isProtected && rateLimitPerMinute !== undefined;
  const headers = { ...answerHeaders, ...(isLimited && rateLimitHeaders) };
  const added = [
    ...(isProtected && authentication
      ? [noTokenProblem(), insufficientScopeProblem(scope), keysUnavailableProblem()]
      : []),
    ...(isLimited ? [tooManyRequestsProblem(60)] : []),
    ...(isProtected ? [overloadedProblem()] : []),
  ];
  return { ...goodAnswers(response, headers), ...problemAnswers([...problems, ...added]) };
}

/** A reference loses its schema's description, which is here handed to the answer that has it. */
function goodAnswers(response: unknown, headers: Answer['headers']): Answers {
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

const exampleRequestId = '8e03978e-40d5-43e8-bc93-6894a57f9324';

/** Each of the problems is an example. */
function problemAnswers(problems: readonly Problem[]): Answers {
  const byStatus = Map.groupBy(problems, ({ type }) => type.status);
  return Object.fromEntries(
    [...byStatus].map(([status, alike]) => [
      status,
      {
        description: alike.map(({ type }) => type.title).join('; '),
        headers: headersOf(alike),
        content: { [problemContentType]: { schema: problemSchema, examples: examplesOf(alike) } },
      },
    ]),
  );
}

const problemHeaders: Readonly<Record<string, string>> = {
  'retry-after': 'Seconds after which to try again',
  'www-authenticate': 'What the access token lacks (RFC 6750)',
};

function headersOf(problems: readonly Problem[]): Answer['headers'] {
  const names = new Set(problems.flatMap(({ extras }) => Object.keys(extras.headers ?? {})));
  return Object.fromEntries(Object.entries(problemHeaders).filter(([name]) => names.has(name)));
}

function examplesOf(problems: readonly Problem[]) {
  return Object.fromEntries(
    problems.map((problem) => [
      problem.type.slug,
      { summary: problem.type.title, value: problemDocument(problem, exampleRequestId) },
    ]),
  );
}

type Transformed = ReturnType<typeof jsonSchemaTransform>;

/** The library leaves headers and examples out, so they are put in after it. */
export function withHeadersAndExamples(transformed: Transformed, answers: Answers): Transformed {
  const response = Object(transformed.schema.response);
  for (const [status, { headers, content }] of Object.entries(answers)) {
    const answer = response[status];
    if (answer === undefined) continue;
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
