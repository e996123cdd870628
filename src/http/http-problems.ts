import type { Place } from './json.ts';
import { Problem } from './problem.ts';
import { type Finding, findingsSchema } from './validation.ts';

const invalidRequest = { slug: 'invalid-request', status: 400, title: 'Invalid request' };
const invalidParameters = {
  slug: 'invalid-parameters',
  status: 400,
  title: 'Invalid parameters',
  members: { errors: findingsSchema },
};
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
const tooManyRequests = { slug: 'too-many-requests', status: 429, title: 'Too many requests' };
const headersTooLarge = { slug: 'headers-too-large', status: 431, title: 'Headers too large' };
const internalError = { slug: 'internal-error', status: 500, title: 'Internal error' };
const tooManyStreams = {
  slug: 'too-many-event-streams',
  status: 503,
  title: 'Too many event streams',
};
const overloaded = { slug: 'overloaded', status: 503, title: 'Overloaded' };

/** @param status where it is not 400 */
export function malformedRequestProblem(status = invalidRequest.status): Problem {
  return new Problem({ ...invalidRequest, status }, 'The request is malformed.');
}

export function unparsableRequestProblem(): Problem {
  return new Problem(invalidRequest, 'This is not a well-formed HTTP/1.1 request.');
}

export function invalidPathProblem(): Problem {
  return new Problem(invalidRequest, 'The path has a broken percent-encoding.');
}

export function httpVersionProblem(): Problem {
  return new Problem(invalidRequest, 'This is not HTTP/1.0 or HTTP/1.1.');
}

/** For a `Host` header that RFC 9112, 3.2 has servers refuse. */
export function hostProblem(detail: string): Problem {
  return new Problem(invalidRequest, detail);
}

/** For a `Transfer-Encoding` that leaves the end of the body uncertain (RFC 9112, 6.1). */
export function transferCodingProblem(detail: string): Problem {
  return new Problem(invalidRequest, detail);
}

export function contentLengthProblem(): Problem {
  return new Problem(invalidRequest, 'The body is not as long as Content-Length says.');
}

export function incompleteBodyProblem(): Problem {
  return new Problem(invalidRequest, 'The body ended before it was complete.');
}

export function emptyBodyProblem(): Problem {
  return new Problem(invalidJson, 'The body is empty. Send a JSON object.');
}

/** Says where, and never repeats the text. */
export function invalidJsonProblem({ line, column, isEnd }: Place): Problem {
  const where = `line ${line}, column ${column}`;
  return new Problem(
    invalidJson,
    `The body is not JSON: ${isEnd ? `it ends too soon, at ${where}` : `see ${where}`}. Names and texts need double quotes; check that your shell or template passes them on.`,
  );
}

/** For a body whose bytes are not UTF-8, as JSON must be (RFC 8259, 8.1). */
export function notUtf8Problem(): Problem {
  return new Problem(invalidJson, 'The body is not UTF-8. JSON has to be.');
}

export function notFoundProblem(): Problem {
  return new Problem(notFound, 'There is nothing at this path. Check how it is written.');
}

/** @param allowed the methods for the `Allow` header (RFC 9110, 15.5.6) */
export function methodNotAllowedProblem(allowed: readonly string[]): Problem {
  const allow = allowed.join(', ');
  return new Problem(methodNotAllowed, `This path allows ${allow} only.`, { headers: { allow } });
}

/** For CONNECT, which needs a host and a port (RFC 9110, 9.3.6) and which only proxies support. */
export function connectProblem(target = ''): Problem {
  if (!/^[^/?#@]+:\d+$/.test(target)) {
    return new Problem(invalidRequest, 'CONNECT needs a host and a port.');
  }
  return new Problem(methodNotAllowed, 'This is not a proxy. Use GET, HEAD or POST.', {
    headers: { allow: 'GET, HEAD, POST' },
  });
}

export function requestTimeoutProblem(): Problem {
  return new Problem(requestTimeout, 'The request took too long to arrive.');
}

export function contentTooLargeProblem(): Problem {
  return new Problem(contentTooLarge, 'The body is too large. Send less.');
}

/** @param maximum that the objects of a body may have together */
export function tooManyMembersProblem(maximum: number): Problem {
  return new Problem(
    contentTooLarge,
    `The body has more than ${maximum.toLocaleString('en')} members. Send fewer.`,
  );
}

export function unsupportedMediaTypeProblem(): Problem {
  return new Problem(
    unsupportedMediaType,
    'The body must be JSON: send it with Content-Type: application/json.',
  );
}

/** For a body in a content coding. `Accept-Encoding` says that none is accepted (RFC 9110, 15.5.16). */
export function contentCodingProblem(): Problem {
  return new Problem(unsupportedMediaType, 'The body must not be compressed: send it as it is.', {
    headers: { 'accept-encoding': 'identity' },
  });
}

/** @param seconds until the next window starts */
export function tooManyRequestsProblem(seconds: number): Problem {
  return new Problem(
    tooManyRequests,
    'Too many requests in this minute. Retry-After says when to go on.',
    { headers: { 'retry-after': String(seconds) } },
  );
}

export function headersTooLargeProblem(): Problem {
  return new Problem(headersTooLarge, 'The headers are too large. Send less.');
}

/** @param cause for the log only */
export function internalErrorProblem(cause?: unknown): Problem {
  return new Problem(
    internalError,
    'Something went wrong that should not have. Quote the request id when you report it.',
    { cause },
  );
}

/** For a query or a body that breaks the schema of its route. */
export function invalidParametersProblem(errors: readonly Finding[]): Problem {
  return new Problem(
    invalidParameters,
    'Members of the query or the body are wrong: see errors. Correct them and send it again.',
    { members: { errors } },
  );
}

export function tooManyStreamsProblem(): Problem {
  return new Problem(
    tooManyStreams,
    'This process has as many event streams open as it may. Try again, or poll.',
    { headers: { 'retry-after': '5' } },
  );
}

export function overloadedProblem(): Problem {
  return new Problem(overloaded, 'This process has more to do than it can. Try again soon.', {
    headers: { 'retry-after': '2' },
  });
}
