import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { noteOutcome } from './request-log.ts';

/** One kind of problem: its slug ends the `type` URI, its title is the same for every occurrence. */
export interface ProblemType {
  readonly slug: string;
  readonly status: number;
  readonly title: string;
}

export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document, beside the five that RFC 9457 defines. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the log alone; the caller never sees it. */
  readonly cause?: unknown;
}

/** An error that is meant for the caller: thrown anywhere, it becomes that answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly type: ProblemType;
  /** What was wrong this time, and what to do about it. */
  readonly detail: string;
  readonly extras: ProblemExtras;

  constructor(type: ProblemType, detail: string, extras: ProblemExtras = {}) {
    super(`${type.slug}: ${detail}`, { cause: extras.cause });
    this.type = type;
    this.detail = detail;
    this.extras = extras;
  }
}

export const problemContentType = 'application/problem+json';

/** The problem document of RFC 9457. */
export const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: 'Which kind of problem, as a URI reference' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What was wrong this time, and what to do' }),
    instance: z.string().meta({ description: 'The request id' }),
  })
  .meta({
    id: 'Problem',
    description: 'Problem details (RFC 9457)',
  });

const invalidRequest = { slug: 'invalid-request', status: 400, title: 'Invalid request' };
const invalidJson = { slug: 'invalid-json', status: 400, title: 'The body is not JSON' };
const notFound = { slug: 'not-found', status: 404, title: 'No such route' };
const methodNotAllowed = { slug: 'method-not-allowed', status: 405, title: 'Method not allowed' };
const requestTimeout = { slug: 'request-timeout', status: 408, title: 'Request timeout' };
const contentTooLarge = { slug: 'content-too-large', status: 413, title: 'Content too large' };
const unsupportedMediaType = {
  slug: 'unsupported-media-type',
  status: 415,
  title: 'Unsupported media type',
};
const headersTooLarge = { slug: 'headers-too-large', status: 431, title: 'Headers too large' };
const internalError = { slug: 'internal-error', status: 500, title: 'Internal error' };

export function unsupportedMediaTypeProblem(): Problem {
  return new Problem(
    unsupportedMediaType,
    'The body must be JSON: send it with Content-Type: application/json.',
  );
}

/** For a body in a content coding (RFC 9110, 8.4); `Accept-Encoding` says that none is taken. */
export function contentCodingProblem(): Problem {
  return new Problem(unsupportedMediaType, 'The body must not be compressed: send it as it is.', {
    headers: { 'accept-encoding': 'identity' },
  });
}

export function contentTooLargeProblem(): Problem {
  return new Problem(contentTooLarge, 'The body is too large. Send less.');
}

export function invalidJsonProblem(): Problem {
  return new Problem(invalidJson, 'The body is not JSON, or names a prototype.');
}

const frameworkProblems: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaTypeProblem,
  FST_ERR_CTP_BODY_TOO_LARGE: contentTooLargeProblem,
  FST_ERR_CTP_EMPTY_JSON_BODY: () =>
    new Problem(invalidJson, 'The body is empty. Send a JSON object.'),
  FST_ERR_CTP_INVALID_JSON_BODY: invalidJsonProblem,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem(invalidRequest, 'The body is not as long as Content-Length says.'),
  // The request's stream fails so when its sender goes away in the middle.
  ECONNRESET: () => new Problem(invalidRequest, 'The body ended before it was complete.'),
};

/** What the framework and its plugins refuse, as problems. */
function fromFramework(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = 'code' in error ? frameworkProblems[String(error.code)] : undefined;
  if (known) return known();
  const status = 'statusCode' in error ? Number(error.statusCode) : undefined;
  // Swagger UI's files: whether there is something behind them is nobody's business.
  if (status === 403 || status === 404) return notFoundProblem();
  if (status === undefined || !(status >= 400 && status < 500)) return undefined;
  return new Problem({ ...invalidRequest, status }, 'The request is malformed.');
}

/**
 * Turns every error into a problem document, in this one place: what a handler throws, what the
 * framework refuses and routes that do not exist. `fromError` knows the application's own errors.
 */
export function registerProblems(
  app: FastifyInstance,
  fromError: (error: unknown) => Problem | undefined,
): void {
  app.setErrorHandler((error, request, reply) =>
    sendProblem(request, reply, toProblem(error, fromError)),
  );
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, notFoundProblem()));
}

function notFoundProblem(): Problem {
  return new Problem(notFound, 'There is nothing at this path. Check how it is written.');
}

/** Whatever was thrown, as a problem. */
export function toProblem(
  error: unknown,
  fromError: (error: unknown) => Problem | undefined,
): Problem {
  if (error instanceof Problem) return error;
  return fromError(error) ?? fromFramework(error) ?? internalErrorProblem(error);
}

/** @param cause for the log alone */
export function internalErrorProblem(cause?: unknown): Problem {
  return new Problem(
    internalError,
    'Something went wrong that should not have. Quote the request id when you report it.',
    { cause },
  );
}

/** Answers with the problem, and leaves its cause to the request's log line. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  const { headers, cause } = problem.extras;
  noteOutcome(request, { problem: problem.type.slug, ...(cause === undefined ? {} : { cause }) });
  reply
    .code(problem.type.status)
    .headers(headers ?? {})
    .type(problemContentType)
    // As bytes: Fastify adds a charset to text, and the media type has none (RFC 9457, 6.1). Nor does
    // a route's serialiser see bytes, which knows the answers that went well.
    .send(Buffer.from(JSON.stringify(problemDocument(problem, request.id))));
}

/** The problem as JSON has it. */
export function problemDocument({ type, detail, extras }: Problem, requestId: string) {
  return {
    type: `/problems/${type.slug}`,
    title: type.title,
    status: type.status,
    detail,
    instance: requestId,
    ...extras.members,
  };
}

/** For a method that a route lacks; `allowed` goes into the `Allow` header (RFC 9110, 15.5.6). */
export function methodNotAllowedProblem(allowed: readonly string[]): Problem {
  const allow = allowed.join(', ');
  return new Problem(methodNotAllowed, `This path answers to ${allow} only.`, {
    headers: { allow },
  });
}

/** For a body whose bytes are not UTF-8, which JSON has to be (RFC 8259, 8.1). */
export function notUtf8Problem(): Problem {
  return new Problem(invalidJson, 'The body is not UTF-8. JSON has to be.');
}

export function brokenPathProblem(): Problem {
  return new Problem(invalidRequest, 'The path has a broken percent-encoding.');
}

/** For an HTTP/1.1 request without a `Host` header, which it has to have (RFC 9112, 3.2). */
export function missingHostProblem(): Problem {
  return new Problem(invalidRequest, 'The Host header is missing. HTTP/1.1 needs it.');
}

/** For a request too broken to reach a route: its answer is written by hand. */
export function clientErrorProblem(error: { readonly code?: string }): Problem {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(requestTimeout, 'The request took too long to arrive.');
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(headersTooLarge, 'The headers are too large. Send less.');
    default:
      return new Problem(invalidRequest, 'This is not a well-formed HTTP/1.1 request.');
  }
}
