import type { FastifyInstance } from 'fastify';
import { addLogFields } from '../log-fields.ts';
import { parserProblem } from '../parser-errors.ts';
import type { HttpSettings } from '../settings.ts';
import {
  contentLengthProblem,
  contentTooLargeProblem,
  incompleteBodyProblem,
  internalErrorProblem,
  malformedRequestProblem,
  notFoundProblem,
  unsupportedMediaTypeProblem,
} from './http-problems.ts';
import { Problem, problemContentType, problemDetails } from './problem.ts';

/**
 * Sends problem details for every error: errors thrown by handlers, requests refused by the
 * framework, and unknown routes.
 *
 * @param problemOf maps the application's errors to problems; returns `undefined` for other errors
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
    // Fastify closes the connection after a body error, even when the body has been read completely.
    if (request.raw.complete && reply.hasHeader('connection')) {
      reply.header('connection', reply.raw.shouldKeepAlive ? 'keep-alive' : 'close');
    }
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

/** Keyed by the error's `code`. */
const frameworkProblems: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaTypeProblem,
  FST_ERR_CTP_BODY_TOO_LARGE: contentTooLargeProblem,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: contentLengthProblem,
  // Node's error on the request stream when the caller disconnects before the end of the body.
  ECONNRESET: incompleteBodyProblem,
};

/** Maps the errors of Fastify, its plugins and Node's HTTP parser to problems. */
function frameworkProblem(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = 'code' in error ? frameworkProblems[String(error.code)] : undefined;
  if (known) return known();
  const fromParser = parserProblem(error);
  if (fromParser) return fromParser;
  const status = 'statusCode' in error ? Number(error.statusCode) : undefined;
  // From Swagger UI's static files. A 403 would reveal that a file outside the folder exists.
  if (status === 403 || status === 404) return notFoundProblem();
  if (status === undefined || !(status >= 400 && status < 500)) return undefined;
  return malformedRequestProblem(status);
}
