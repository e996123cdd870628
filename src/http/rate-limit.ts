import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { isProtected } from './authentication.ts';
import { callerOf } from './caller.ts';
import { tooManyRequestsProblem } from './http-problems.ts';
import { RateLimitStore } from './rate-limit-store.ts';
import type { HttpSettings } from './settings.ts';

/**
 * One-minute window per caller. Unauthenticated requests count by IP address. Each process
 * counts alone, so with several processes a caller has several times the limit. Register it after
 * authentication and before the routes.
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
