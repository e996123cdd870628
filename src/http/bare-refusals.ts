import type { FastifyInstance } from 'fastify';
import { missingHostProblem } from './problems.ts';

/**
 * Takes over what Node by itself refuses without a body: a request that lacks `Host` (RFC 9112,
 * 3.2), for which the server needs `requireHostHeader: false`, and one with an expectation that
 * Node does not know, which a server may as well ignore (RFC 9110, 10.1.1).
 */
export function registerBareRefusals(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request, response) => app.routing(request, response));
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined) throw missingHostProblem();
  });
}
