import type { Position } from '../json/json.ts';
import { type Finding, findingsSchema } from '../validation.ts';
import { Problem } from './problem.ts';

const invalidRequest = { slug: 'invalid-request', status: 400, title: 'Invalid request' };
const invalidParameters = {
  slug: 'invalid-parameters',
  status: 400,
  title: 'Invalid parameters',
  members: { errors: findingsSchema },
};
const invalidJson = { slug: 'invalid-json', status: 400, title: 'The body is not JSON' };
const methodNotAllowed = { slug: 'method-not-allowed', status: 405, title: 'Method not allowed' };
const contentTooLarge = { slug: 'content-too-large', status: 413, title: 'Content too large' };
const unsupportedMediaType = {
  slug: 'unsupported-media-type',
  status: 415,
  title: 'Unsupported media type',
};
const overloaded = { slug: 'overloaded', status: 503, title: 'Overloaded' };

/** @param status the status of the response, 400 by default */
export function malformedRequestProblem(status = invalidRequest.status): Problem {
  return new Problem({ ...invalidRequest, status }, 'The request is malformed.');
}

export function unparsableRequestProblem(): Problem {
  return new Problem(invalidRequest, 'This is not a well-formed HTTP/1.1 request.');
}

/** For a request line or a header that makes the request invalid (RFC 9112). */
export function requestHeadProblem(detail: string): Problem {
  return new Problem(invalidRequest, detail);
}

export function contentLengthProblem(): Problem {
  return new Problem(invalidRequest, 'The length of the body does not match Content-Length.');
}

export function incompleteBodyProblem(): Problem {
  return new Problem(invalidRequest, 'The body ended before it was complete.');
}

export function emptyBodyProblem(): Problem {
  return new Problem(invalidJson, 'The body is empty. Send a JSON object.');
}

/** The detail says where the error is and never repeats the body. */
export function invalidJsonProblem({ line, column, isEnd }: Position): Problem {
  const where = `line ${line}, column ${column}`;
  const what = isEnd ? 'unexpected end' : 'syntax error';
  return new Problem(
    invalidJson,
    `The body is not JSON: ${what} at ${where}. Names and strings need double quotes; check that your shell or template keeps them.`,
  );
}

/** For a body whose bytes are not UTF-8, as JSON must be (RFC 8259, 8.1). */
export function notUtf8Problem(): Problem {
  return new Problem(invalidJson, 'The body is not UTF-8. Encode JSON in UTF-8.');
}

export function notFoundProblem(): Problem {
  return new Problem(
    { slug: 'not-found', status: 404, title: 'No such route' },
    'No route has this path. Check its spelling.',
  );
}

/** @param allowed the methods for the `Allow` header (RFC 9110, 15.5.6) */
export function methodNotAllowedProblem(allowed: readonly string[]): Problem {
  const allow = allowed.join(', ');
  return new Problem(methodNotAllowed, `This path allows only ${allow}.`, { headers: { allow } });
}

/** For CONNECT, which only proxies support and which needs a host and a port (RFC 9110, 9.3.6). */
export function connectProblem(target = ''): Problem {
  if (!/^[^/?#@]+:\d+$/.test(target)) {
    return new Problem(invalidRequest, 'CONNECT needs a host and a port.');
  }
  return new Problem(methodNotAllowed, 'This is not a proxy. Use GET, HEAD or POST.', {
    headers: { allow: 'GET, HEAD, POST' },
  });
}

export function requestTimeoutProblem(): Problem {
  return new Problem(
    { slug: 'request-timeout', status: 408, title: 'Request timeout' },
    'The request took too long to arrive.',
  );
}

export function contentTooLargeProblem(): Problem {
  return new Problem(contentTooLarge, 'The body is too large. Send less.');
}

/** @param maximum the number of members that all objects of a body may have together */
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

/** For a compressed body. The `Accept-Encoding` header says what is accepted (RFC 9110, 15.5.16). */
export function contentCodingProblem(): Problem {
  return new Problem(unsupportedMediaType, 'The body is compressed. Send it uncompressed.', {
    headers: { 'accept-encoding': 'identity' },
  });
}

/** @param seconds until the next window starts */
export function tooManyRequestsProblem(seconds: number): Problem {
  return new Problem(
    { slug: 'too-many-requests', status: 429, title: 'Too many requests' },
    'Too many requests in this minute. Retry-After says when to try again.',
    { headers: { 'retry-after': String(seconds) } },
  );
}

export function headersTooLargeProblem(): Problem {
  return new Problem(
    { slug: 'headers-too-large', status: 431, title: 'Headers too large' },
    'The headers are too large. Send less.',
  );
}

/** @param cause for the log only */
export function internalErrorProblem(cause?: unknown): Problem {
  return new Problem(
    { slug: 'internal-error', status: 500, title: 'Internal error' },
    'Something went wrong in the service. Quote the request id when you report it.',
    { cause },
  );
}

/** For a query or a body that does not match the schema of its route. */
export function invalidParametersProblem(errors: readonly Finding[]): Problem {
  return new Problem(
    invalidParameters,
    'Parts of the query or the body are invalid: see errors. Correct them and send the request again.',
    { members: { errors } },
  );
}

export function tooManyStreamsProblem(): Problem {
  return new Problem(
    { slug: 'too-many-event-streams', status: 503, title: 'Too many event streams' },
    'Too many event streams are open. Try again after Retry-After, or poll instead.',
    { headers: { 'retry-after': '5' } },
  );
}

export function overloadedProblem(): Problem {
  return new Problem(overloaded, 'The service is overloaded. Try again after Retry-After.', {
    headers: { 'retry-after': '2' },
  });
}
