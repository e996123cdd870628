import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { noRouteProblem } from './no-route.ts';
import { requestHeadProblem } from './problem-details/http-problems.ts';

// No request can have this path, because a space ends the path.
const brokenPath = '/ ';

/**
 * Adds the checks of RFC 9112 that Node skips or fails without a response body, and refuses requests
 * without a route before the body is read. These requests get problem details, and are logged and
 * counted like any other. The server needs `requireHostHeader: false`.
 */
export function registerRequestHead(app: FastifyInstance): void {
  // Fastify responds to an invalid percent-encoding without running its hooks.
  app.server.prependListener('request', (request: IncomingMessage) => {
    if (!hasValidPath(request)) request.url = brokenPath;
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    // The connection is closing, so further requests get no response (RFC 9112, 9.6).
    if (raw.socket.writableEnded || raw.socket.destroyed) reply.hijack();
    else if (raw.url === '*' && raw.method === 'OPTIONS') {
      reply.code(204).header('allow', 'GET, HEAD, POST').send();
    } else {
      const error = headError(raw);
      if (error !== undefined) done(requestHeadProblem(error));
      else done(request.is404 ? noRouteProblem(request) : undefined);
    }
  });
  app.addHook('onSend', ({ raw }, reply, _payload, done) => {
    if (hasUncertainEnd(raw)) reply.header('connection', 'close');
    done();
  });
}

function hasValidPath({ url = '' }: IncomingMessage): boolean {
  if (!url.includes('%')) return true;
  const [path = ''] = url.split(/[?#]/, 1);
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

// uri-host [ ":" port ] (RFC 9110, 7.2; RFC 3986, 3.2.2).
const hostValue = /^(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i;

/** Returns what is wrong with the request line or a header. */
function headError(request: IncomingMessage): string | undefined {
  if (request.httpVersionMajor !== 1) return 'This is not HTTP/1.0 or HTTP/1.1.';
  const { host, 'transfer-encoding': transferEncoding } = request.headers;
  if (countHostHeaders(request) > 1) {
    return 'The Host header occurs more than once. Send it once.';
  }
  if (host === undefined && request.httpVersionMinor > 0) {
    return 'The Host header is missing. HTTP/1.1 requires it.';
  }
  if (host !== undefined && !hostValue.test(host)) {
    return 'The Host header must be a host with an optional port.';
  }
  if (transferEncoding !== undefined && request.httpVersionMinor === 0) {
    return 'HTTP/1.0 does not support Transfer-Encoding. Use HTTP/1.1.';
  }
  if (transferEncoding !== undefined && transferEncoding.toLowerCase() !== 'chunked') {
    return 'The only supported transfer coding is chunked.';
  }
  if (request.url === brokenPath) return 'The path contains an invalid percent-encoding.';
  return undefined;
}

/** Whether the end of the body is uncertain, so that the connection must close (RFC 9112, 6.1). */
function hasUncertainEnd({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']?.toLowerCase();
  return coding !== undefined && (httpVersion !== '1.1' || coding !== 'chunked');
}

/** Counts in `rawHeaders`, because Node keeps only the first `Host` in `headers`. */
function countHostHeaders({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
