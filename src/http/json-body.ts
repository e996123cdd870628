import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { contentCodingProblem, notUtf8Problem } from './http-problems.ts';

// The media types that ASP.NET reads as JSON.
const jsonMediaType = /^(?:application\/(?:[\w.-]+\+)?json|text\/json)(?:\s*;|$)/i;

/**
 * Accepts JSON bodies only. Fastify alone would read broken UTF-8 as replacement
 * characters, and plain text as a string.
 */
export function registerJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonMediaType, { parseAs: 'buffer' }, (request, body, done) => {
    const coding = request.headers['content-encoding'] ?? 'identity';
    if (coding.toLowerCase() !== 'identity') done(contentCodingProblem());
    else if (typeof body !== 'string' && !isUtf8(body)) done(notUtf8Problem());
    else parse(request, body.toString(), done);
  });
}
