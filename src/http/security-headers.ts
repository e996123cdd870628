import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

const addSecurityHeaders = helmet({
  // For responses that are data, not pages (OWASP REST Security Cheat Sheet). Swagger UI has its own.
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  frameguard: { action: 'deny' },
  // These matter only to pages, Internet Explorer and Flash. Each event stream keeps the text of its
  // headers in memory.
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/**
 * Helmet's security headers, which are computed once, as they are the same for every response; and
 * `Cache-Control: no-store`, since responses contain personal data or describe a single request.
 */
export const securityHeaders = computeSecurityHeaders();

function computeSecurityHeaders() {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  addSecurityHeaders(request, response, () => undefined);
  return { ...response.getHeaders(), 'cache-control': 'no-store' };
}

/** Adds the security headers to every response that Fastify sends. */
export function registerSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
}
