import type { FastifyInstance } from 'fastify';

/**
 * Sends 100 Continue only when the body is about to be read, so that the client of a refused request
 * does not send its body. Ignores unknown expectations (RFC 9110, 10.1.1). Register this after the
 * hooks that refuse requests by their headers.
 */
export function registerExpectations(app: FastifyInstance): void {
  // Without these listeners, Node responds to the expectation itself.
  for (const event of ['checkContinue', 'checkExpectation']) {
    app.server.on(event, (request, response) => app.server.emit('request', request, response));
  }
  app.addHook('preParsing', ({ raw }, reply, _payload, done) => {
    const isExpected = raw.headers.expect?.toLowerCase() === '100-continue';
    // HTTP/1.0 has no interim responses (RFC 9110, 10.1.1).
    if (isExpected && !raw.complete && raw.httpVersion !== '1.0') {
      raw.once('resume', () => {
        // After a refusal, Node reads the rest of the request and discards it.
        if (!reply.raw.headersSent) reply.raw.writeContinue();
      });
    }
    done();
  });
}
