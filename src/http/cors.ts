import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpSettings } from './settings.ts';

/** Headers that the response of any route may have. Pages of other origins may read them. */
const commonHeaders = [
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
  ...['retry-after', 'www-authenticate', 'x-request-id'],
];

/**
 * Enables CORS for the configured origins. Their pages can read the common headers above and the
 * headers that a route declares as `responseHeaders`.
 */
export async function registerCors(
  app: FastifyInstance,
  { corsOrigins }: Pick<HttpSettings, 'corsOrigins'>,
): Promise<void> {
  if (corsOrigins.length === 0) return;
  await app.register(
    cors,
    () => (request: FastifyRequest, done: (error: null, options: FastifyCorsOptions) => void) =>
      done(null, {
        origin: [...corsOrigins],
        strictPreflight: false,
        exposedHeaders: [
          ...commonHeaders,
          ...Object.keys(request.routeOptions.config.responseHeaders ?? {}),
        ],
        maxAge: 7200,
      }),
  );
}
