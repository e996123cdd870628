import type { FastifyRequest, HTTPMethods } from 'fastify';
import { methodNotAllowedProblem, notFoundProblem } from './problem-details/http-problems.ts';
import type { Problem } from './problem-details/problem.ts';

// Without OPTIONS, which @fastify/cors handles on every path when CORS is enabled.
const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Returns the problem of a request that no route matches: 405 with `Allow` if the path has a route
 * for another method, else 404. Fastify alone responds 404 to both.
 */
export function noRouteProblem({ server, url }: FastifyRequest): Problem {
  const allowed = methods.filter((method) => server.findRoute({ method, url }) !== null);
  return allowed.length === 0 ? notFoundProblem() : methodNotAllowedProblem(allowed);
}
