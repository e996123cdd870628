import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { isProtected } from './authentication/authentication.ts';
import { callerOf } from './caller.ts';
import { tooManyRequestsProblem } from './problem-details/http-problems.ts';
import { RateLimitStore } from './rate-limit-store.ts';
import type { HttpSettings } from './settings.ts';

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
    store: RateLimitStore,
    keyGenerator: callerOf,
    allowList: (request) => !isProtected(request),
    errorResponseBuilder: (_request, { ttl }) => tooManyRequestsProblem(Math.ceil(ttl / 1000)),
  });
}
