import { METHODS } from 'node:http';
import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { methodNotAllowedProblem } from './problem-details/http-problems.ts';

// Node does not pass CONNECT to the request handler.
const methods = METHODS.filter((method) => method !== 'CONNECT');

/**
 * Responds 405 with `Allow` on every path that has routes; Fastify alone responds 404. OPTIONS is
 * handled by @fastify/cors when CORS is enabled. Call this before the first route is registered, and
 * the returned function after the last.
 */
export function collectAllowedMethods(app: FastifyInstance): () => void {
  for (const method of methods) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
  const allowedByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method, prefix }) => {
    // Skip the routes of Swagger UI, and `*`, where @fastify/cors handles preflight requests.
    if (prefix !== '' || url === '*') return;
    const allowed = allowedByPath.get(url) ?? new Set();
    for (const name of [method].flat()) allowed.add(name);
    allowedByPath.set(url, allowed);
  });
  return () => {
    for (const [url, allowed] of [...allowedByPath]) {
      const problem = methodNotAllowedProblem([...allowed]);
      app.route({
        method: methods.filter((method) => !allowed.has(method)),
        url,
        schema: { hide: true },
        // Refuse in onRequest, so that the body is not read.
        onRequest: async () => {
          throw problem;
        },
        handler: () => undefined,
      });
    }
  };
}
