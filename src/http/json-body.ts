import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InvalidJson, parseJson, TooManyMembers } from './json/json.ts';
import { yieldIfLarge } from './large-bodies.ts';
import {
  contentCodingProblem,
  emptyBodyProblem,
  invalidJsonProblem,
  notUtf8Problem,
  tooManyMembersProblem,
} from './problem-details/http-problems.ts';
import { Problem } from './problem-details/problem.ts';

// The media types that ASP.NET reads as JSON.
const jsonMediaType = /^(?:application\/(?:[\w.-]+\+)?json|text\/json)(?:\s*;|$)/i;

/**
 * Accepts JSON bodies only. Fastify's own parsers replace invalid UTF-8, accept plain text as a
 * string, and do not say where a syntax error is.
 *
 * @param maximumMembers the number of members that all objects of a body may have together
 */
export function registerJsonBody(app: FastifyInstance, maximumMembers: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(jsonMediaType, { parseAs: 'buffer' }, (request, body, done) => {
    const value = readJson(request, body, maximumMembers);
    if (value instanceof Problem) done(value);
    else if (value instanceof InvalidJson) {
      yieldIfLarge(request, () => done(invalidJsonProblem(value.position)));
    } else yieldIfLarge(request, () => done(null, value));
  });
}

function readJson(
  { headers, routeOptions }: FastifyRequest,
  body: Buffer,
  maximumMembers: number,
): unknown {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') return contentCodingProblem();
  if (body.length === 0)
    return isOptional(routeOptions.schema?.body) ? undefined : emptyBodyProblem();
  if (!isUtf8(body)) return notUtf8Problem();
  try {
    // A byte order mark may be ignored (RFC 8259, 8.1).
    return parseJson(body.toString().replace(/^\ufeff/, ''), maximumMembers);
  } catch (error) {
    if (error instanceof TooManyMembers) return tooManyMembersProblem(maximumMembers);
    if (error instanceof InvalidJson) return error;
    throw error;
  }
}

/** Whether a schema accepts a request without a body. */
function isOptional(schema: unknown): boolean {
  return schema instanceof z.ZodType && schema.safeParse(undefined).success;
}
