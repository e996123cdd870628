import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

const addSecurityHeaders = helmet({
  // One policy for all responses. Swagger UI works with it because it has no inline scripts.
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  frameguard: { action: 'deny' },
});

/** Helmet's security headers. They are computed once, as they are the same for every response. */
export const securityHeaders = computeSecurityHeaders();

function computeSecurityHeaders() {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  addSecurityHeaders(request, response, () => undefined);
  return { ...response.getHeaders() };
}

/** Adds the security headers to every response that Fastify sends. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
}
