import type { FastifyRequest } from 'fastify';
import { methodNotAllowedProblem, notFoundProblem } from './problem-details/http-problems.ts';
import type { Problem } from './problem-details/problem.ts';

/**
 * Returns the problem of a request that no route matches: 405 with `Allow` if the path has a route
 * for another method, else 404. Fastify alone responds 404 to both.
 */
export function noRouteProblem({ server, url }: FastifyRequest): Problem {
  const allowed = server.supportedMethods.filter(
    // When CORS is enabled, @fastify/cors handles OPTIONS on every path.
    (method) => method !== 'OPTIONS' && server.findRoute({ method, url }) !== null,
  );
  return allowed.length === 0 ? notFoundProblem() : methodNotAllowedProblem(allowed);
}
