import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { invalidPathProblem, missingHostProblem } from './http-problems.ts';

/**
 * Handles what Node by itself refuses without a body, and Fastify outside its hooks, so that these
 * requests get problem details and are logged and counted like any other:
 * - one that lacks `Host` (RFC 9112, 3.2), for which the server needs `requireHostHeader: false`
 * - one with an expectation that Node does not know, which a server may as well ignore (RFC 9110,
 *   10.1.1)
 * - one whose path has a broken percent-encoding
 */
export function registerRequestHead(app: FastifyInstance): void {
  const broken = new WeakSet<IncomingMessage>();
  const replaceBrokenPath = (request: IncomingMessage) => {
    if (hasGoodPath(request)) return;
    broken.add(request);
    request.url = '/';
  };
  app.server.prependListener('request', replaceBrokenPath);
  app.server.on('checkExpectation', (request, response) => {
    replaceBrokenPath(request);
    app.routing(request, response);
  });
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined) done(missingHostProblem());
    else if (broken.has(raw)) done(invalidPathProblem());
    else done();
  });
}

function hasGoodPath({ url = '' }: IncomingMessage): boolean {
  if (!url.includes('%')) return true;
  const [path = ''] = url.split(/[?#]/, 1);
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
