import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  contentCodingProblem,
  emptyBodyProblem,
  invalidJsonProblem,
  notUtf8Problem,
  tooManyMembersProblem,
} from './http-problems.ts';
import { InvalidJson, parseJson, TooManyMembers } from './json.ts';
import { afterTurn } from './large-bodies.ts';
import { Problem } from './problem.ts';

// The media types that ASP.NET reads as JSON.
const jsonMediaType = /^(?:application\/(?:[\w.-]+\+)?json|text\/json)(?:\s*;|$)/i;

/**
 * Accepts JSON bodies only. Fastify alone would read broken UTF-8 as replacement characters, and
 * plain text as a string, and would not say where a body stops being JSON.
 *
 * @param maximumMembers that the objects of a body may have together
 */
export function registerJsonBody(app: FastifyInstance, maximumMembers: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(jsonMediaType, { parseAs: 'buffer' }, (request, body, done) => {
    const value = readJson(request, body, maximumMembers);
    if (value instanceof Problem) done(value);
    else if (value instanceof InvalidJson) {
      afterTurn(request, () => done(invalidJsonProblem(value.place)));
    } else afterTurn(request, () => done(null, value));
  });
}

function readJson({ headers }: FastifyRequest, body: Buffer, maximumMembers: number): unknown {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') return contentCodingProblem();
  if (body.length === 0) return emptyBodyProblem();
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
