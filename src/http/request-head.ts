import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import {
  hostProblem,
  httpVersionProblem,
  invalidPathProblem,
  notFoundProblem,
  transferCodingProblem,
} from './http-problems.ts';
import type { Problem } from './problem.ts';

// No request can have it: a space ends the path.
const brokenPath = '/ ';

/**
 * Checks the head of a request as RFC 9112 asks, where Node does not or refuses without a body, and
 * refuses paths without a route before their body is read. These requests get problem details and
 * are logged and counted like any other. The server needs `requireHostHeader: false`.
 */
export function registerRequestHead(app: FastifyInstance): void {
  // Fastify would handle a broken percent-encoding outside of its hooks.
  app.server.prependListener('request', (request: IncomingMessage) => {
    if (!hasValidPath(request)) request.url = brokenPath;
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    // A client must not expect more of a connection that is closing (RFC 9112, 9.6).
    if (raw.socket.writableEnded) reply.hijack();
    else if (raw.url === '*' && raw.method === 'OPTIONS') {
      reply.code(204).header('allow', 'GET, HEAD, POST').send();
    } else {
      done(headProblem(raw) ?? (request.is404 ? notFoundProblem() : undefined));
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

function headProblem(request: IncomingMessage): Problem | undefined {
  if (request.httpVersionMajor !== 1) return httpVersionProblem();
  const { host, 'transfer-encoding': transferEncoding } = request.headers;
  if (hostLines(request) > 1) return hostProblem('The Host header is there more than once.');
  if (host === undefined && request.httpVersionMinor > 0) {
    return hostProblem('The Host header is missing. HTTP/1.1 needs it.');
  }
  if (host !== undefined && !hostValue.test(host)) {
    return hostProblem('The Host header is not a host with an optional port.');
  }
  if (transferEncoding !== undefined) {
    if (request.httpVersionMinor === 0) {
      return transferCodingProblem('HTTP/1.0 has no Transfer-Encoding. Use HTTP/1.1.');
    }
    if (transferEncoding.toLowerCase() !== 'chunked') {
      return transferCodingProblem('The only transfer coding that is supported is chunked.');
    }
  }
  return request.url === brokenPath ? invalidPathProblem() : undefined;
}

/** Whether no further request may be read, as the end of this one is uncertain (RFC 9112, 6.1). */
function hasUncertainEnd({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']?.toLowerCase();
  return coding !== undefined && (httpVersion !== '1.1' || coding !== 'chunked');
}

/** Node keeps the first line in `headers` and drops the others. */
function hostLines({ rawHeaders }: IncomingMessage): number {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') lines += 1;
  }
  return lines;
}
