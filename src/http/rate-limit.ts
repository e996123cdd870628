import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { isProtected } from './authentication/authentication.ts';
import { callerOf } from './caller.ts';
import { tooManyRequestsProblem } from './problem-details/http-problems.ts';
import type { HttpSettings } from './settings.ts';

/**
 * Bounds the memory. Beyond it, the caller who has been idle longest is forgotten, so nobody who
 * keeps calling escapes the limit.
 */
const maxCounters = 100_000;

/**
 * Limits the requests of each caller in a one-minute window. Unauthenticated requests count by IP
 * address. Each process counts on its own, so with N processes a caller may send up to N times the
 * limit. Register this after authentication and before the routes.
 */
export async function registerRateLimit(
  app: FastifyInstance,
  { rateLimitPerMinute }: Pick<HttpSettings, 'rateLimitPerMinute'>,
): Promise<void> {
  if (rateLimitPerMinute === undefined) return;
  await app.register(rateLimit, {
    max: rateLimitPerMinute,
    timeWindow: 60_000,
    enableDraftSpec: true,
    cache: maxCounters,
    keyGenerator: callerOf,
    allowList: (request) => !isProtected(request),
    errorResponseBuilder: (_request, { ttl }) => tooManyRequestsProblem(Math.ceil(ttl / 1000)),
  });
}
