import { METHODS } from 'node:http';
import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { methodNotAllowedProblem } from './http-problems.ts';

// Node passes no CONNECT request on.
const methods = METHODS.filter((method) => method !== 'CONNECT');

/**
 * Returns 405 with `Allow` on every path that has routes, where Fastify alone returns 404. OPTIONS is
 * handled by @fastify/cors when CORS is enabled. Call this before the first route is registered, and
 * the returned function after the last.
 */
export function collectAllowedMethods(app: FastifyInstance): () => void {
  for (const method of methods) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
  const allowedByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method, prefix }) => {
    // Swagger UI's routes are its own, and `*` is where @fastify/cors handles preflights.
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
        // Before the body is read, whatever it is.
        onRequest: async () => {
          throw problem;
        },
        handler: () => undefined,
      });
    }
  };
}
