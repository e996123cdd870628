import type { FastifyInstance } from 'fastify';

/**
 * Sends 100 Continue only once the body is going to be read, so that a request that is refused before
 * sends none. Ignores expectations that Node does not know (RFC 9110, 10.1.1). Register it after
 * what refuses requests by their heads.
 */
export function registerExpectations(app: FastifyInstance): void {
  // Without these listeners, Node would respond by itself.
  for (const event of ['checkContinue', 'checkExpectation']) {
    app.server.on(event, (request, response) => app.server.emit('request', request, response));
  }
  app.addHook('preParsing', ({ raw }, reply, _payload, done) => {
    if (!raw.complete && raw.headers.expect?.toLowerCase() === '100-continue') {
      reply.raw.writeContinue();
    }
    done();
  });
}
