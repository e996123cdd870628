import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isProtected } from './authentication.ts';
import { clientAddress } from './client-address.ts';
import { tooManyRequestsProblem } from './http-problems.ts';
import { RateLimitStore } from './rate-limit-store.ts';
import type { HttpSettings } from './settings.ts';

/**
 * One-minute window per caller. Unauthenticated requests count by IP address. Each process
 * counts alone, so with several a caller has as many times the limit. Register it after
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
    keyGenerator: (request) => request.caller ?? networkOf(request),
    allowList: (request) => !isProtected(request),
    errorResponseBuilder: (_request, { ttl }) => tooManyRequestsProblem(Math.ceil(ttl / 1000)),
  });
}

/** An IPv4 address, or an IPv6 /64: a host takes any number of addresses there (RFC 8981). */
function networkOf(request: FastifyRequest): string {
  const address = clientAddress(request);
  return address === undefined ? 'unknown' : normalizeIP(address);
}
