import { METHODS } from 'node:http';
import type {} from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { methodNotAllowedProblem } from './problems.ts';

// CONNECT is for proxies: Node lets no request of that method through.
const methods = METHODS.filter((method) => method !== 'CONNECT');

/**
 * Answers 405 with `Allow` on every path that has routes, where Fastify alone says 404. (Where other
 * origins may call, OPTIONS is CORS's.) To be called before the first route is registered; the
 * returned function after the last.
 */
export function collectMethods(app: FastifyInstance): () => void {
  for (const method of methods) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
  const allowedByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method, prefix }) => {
    // Swagger UI's routes keep to themselves, and `*` is where CORS answers preflights.
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
