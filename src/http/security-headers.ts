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

/** Adds Helmet's security headers to every response. They are computed once, as all are the same. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  addSecurityHeaders(request, response, () => undefined);
  const headers = { ...response.getHeaders() };
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
