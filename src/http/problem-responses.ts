import type { FastifySchema } from 'fastify';
import { type Problem, problemContentType, problemDocument, problemSchema } from './problems.ts';

const exampleRequestId = '8e03978e-40d5-43e8-bc93-6894a57f9324';

/** The problems that a route may answer with, for its OpenAPI operation: each is an example. */
export function problemResponses(problems: readonly Problem[]) {
  const byStatus = Map.groupBy(problems, ({ type }) => type.status);
  return Object.fromEntries(
    [...byStatus].map(([status, alike]) => [
      status,
      {
        description: alike.map(({ type }) => type.title).join('; '),
        headers: headersOf(alike),
        content: {
          [problemContentType]: { schema: problemSchema, examples: examplesOf(alike) },
        },
      },
    ]),
  ) satisfies FastifySchema['response'];
}

const meanings = new Map([
  ['retry-after', 'Seconds after which to try again'],
  ['www-authenticate', 'What the access token lacks (RFC 6750)'],
]);

function headersOf(problems: readonly Problem[]): Record<string, string | undefined> {
  const names = problems.flatMap(({ extras }) => Object.keys(extras.headers ?? {}));
  return Object.fromEntries(names.map((name) => [name, meanings.get(name)]));
}

function examplesOf(problems: readonly Problem[]) {
  return Object.fromEntries(
    problems.map((problem) => [
      problem.type.slug,
      { summary: problem.type.title, value: problemDocument(problem, exampleRequestId) },
    ]),
  );
}
