import type { FastifyInstance } from 'fastify';
import {
  contentLengthProblem,
  contentTooLargeProblem,
  incompleteBodyProblem,
  internalErrorProblem,
  malformedRequestProblem,
  notFoundProblem,
  unsupportedMediaTypeProblem,
} from './http-problems.ts';
import { addLogFields } from './log-fields.ts';
import { parserProblem } from './parser-errors.ts';
import { Problem, problemContentType, problemDetails } from './problem.ts';
import type { HttpSettings } from './settings.ts';

/**
 * Turns every error into problem details, here and nowhere else: what a handler throws, what the
 * framework refuses, and routes that do not exist.
 *
 * @param problemOf maps the application's own errors; `undefined` for any other
 */
export function registerErrorHandler(
  app: FastifyInstance,
  { publicUrl }: Pick<HttpSettings, 'publicUrl'>,
  problemOf: (error: unknown) => Problem | undefined,
): void {
  app.setErrorHandler((error, request, reply) => {
    const problem =
      error instanceof Problem
        ? error
        : (problemOf(error) ?? frameworkProblem(error) ?? internalErrorProblem(error));
    const { headers, cause } = problem.extras;
    // Fastify closes the connection after every error of a body, also after one that was read whole.
    if (request.raw.complete && reply.hasHeader('connection')) reply.removeHeader('connection');
    addLogFields(request, {
      problem: problem.type.slug,
      ...(cause === undefined ? {} : { err: cause }),
    });
    reply
      .code(problem.type.status)
      .headers(headers ?? {})
      .type(problemContentType)
      // Send a Buffer: Fastify appends a charset to strings, and problem+json has none (RFC 9457,
      // 6.1). It also bypasses the route's serializer, which only knows success responses.
      .send(Buffer.from(JSON.stringify(problemDetails(problem, request.id, publicUrl))));
  });
  app.setNotFoundHandler(async () => {
    throw notFoundProblem();
  });
}

/** By the error's `code`: Fastify's, but for the last. */
const frameworkProblems: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaTypeProblem,
  FST_ERR_CTP_BODY_TOO_LARGE: contentTooLargeProblem,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: contentLengthProblem,
  // The error of a request's stream when the caller disconnects before the end of its body.
  ECONNRESET: incompleteBodyProblem,
};

/** What the framework and its plugins refuse. */
function frameworkProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = 'code' in error ? frameworkProblems[String(error.code)] : undefined;
  if (known) return known();
  const ofParser = parserProblem(error);
  if (ofParser) return ofParser;
  const status = 'statusCode' in error ? Number(error.statusCode) : undefined;
  // From Swagger UI's static files. 403 would say that a file outside their folder exists.
  if (status === 403 || status === 404) return notFoundProblem();
  if (status === undefined || !(status >= 400 && status < 500)) return undefined;
  return malformedRequestProblem(status);
}
