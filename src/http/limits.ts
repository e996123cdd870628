import type { OutgoingHttpHeaders, Server } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyHttpOptions, FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problems.ts';
import type { HttpSettings } from './settings.ts';

const tooManyRequests = { slug: 'too-many-requests', status: 429, title: 'Too many requests' };
const overloaded = { slug: 'overloaded', status: 503, title: 'Overloaded' };

/**
 * How long a connection may take, for Fastify. Who sends slowly, or nothing at all, is cut off;
 * who waits for an answer is not, for however long the handler takes.
 */
export function connectionLimits({
  requestTimeoutSeconds,
  keepAliveSeconds,
}: Pick<HttpSettings, 'requestTimeoutSeconds' | 'keepAliveSeconds'>) {
  // Node takes whole milliseconds only.
  const requestTimeout = Math.ceil(requestTimeoutSeconds * 1000);
  const headersTimeout = Math.ceil(requestTimeout / 3);
  return {
    requestTimeout,
    keepAliveTimeout: Math.ceil(keepAliveSeconds * 1000),
    http: {
      headersTimeout,
      // Node looks for late connections at this interval.
      connectionsCheckingInterval: Math.ceil(headersTimeout / 2),
      // Its own refusal has no body; registerBareRefusals gives one.
      requireHostHeader: false,
    },
  } satisfies FastifyHttpOptions<Server>;
}

/**
 * Security headers, CORS and load shedding, which come before everything else. Only routes that
 * declare a scope are ever turned away: probes and operators still get their answers.
 */
export async function registerProtection(
  app: FastifyInstance,
  settings: Pick<HttpSettings, 'corsOrigins' | 'maxEventLoopDelayMilliseconds'>,
): Promise<void> {
  await app.register(helmet, {
    global: false,
    // One policy for all, under which Swagger UI works: it has no inline scripts.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
  });
  // The plugin would work the same headers out for every answer.
  let securityHeaders: OutgoingHttpHeaders | undefined;
  app.addHook('onRequest', (_request, reply, done) => {
    if (securityHeaders === undefined) {
      reply.helmet();
      securityHeaders = { ...reply.raw.getHeaders() };
    }
    reply.headers(securityHeaders);
    done();
  });
  if (settings.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...settings.corsOrigins],
      strictPreflight: false,
      exposedHeaders: [...exposedHeaders],
      maxAge: 7200,
    });
  }
  await app.register(underPressure, {
    // A pause that outlasts the interval counts as one without end: it must be over the limit.
    sampleInterval: Math.max(250, settings.maxEventLoopDelayMilliseconds),
    maxEventLoopDelay: settings.maxEventLoopDelayMilliseconds,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * 0.9,
    pressureHandler: async (request: FastifyRequest) => {
      if (!isProtected(request)) return;
      throw overloadedProblem();
    },
  });
}

/** What a page of another origin may read of an answer, beside what the CORS protocol lets it. */
const exposedHeaders = [
  ...['age', 'idempotent-replayed', 'location', 'preference-applied', 'retry-after'],
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'www-authenticate'],
  'x-request-id',
];

/**
 * Counts the requests of each caller in a fixed minute, those that are refused by the address they
 * come from. Counted by this process alone: with several, a caller has as many times the limit. To
 * be registered after authentication and before the routes.
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
    keyGenerator: (request) => request.caller ?? normalizeIP(request.ip),
    allowList: (request) => !isProtected(request),
    errorResponseBuilder: (_request, { ttl }) => tooManyRequestsProblem(Math.ceil(ttl / 1000)),
  });
}

export function overloadedProblem(): Problem {
  return new Problem(overloaded, 'This process has more to do than it can. Try again soon.', {
    headers: { 'retry-after': '2' },
  });
}

/** @param seconds until requests count anew */
export function tooManyRequestsProblem(seconds: number): Problem {
  return new Problem(
    tooManyRequests,
    'Too many requests in this minute. Retry-After says when to go on.',
    { headers: { 'retry-after': String(seconds) } },
  );
}

function isProtected(request: FastifyRequest): boolean {
  return request.routeOptions.config.scope !== undefined;
}
