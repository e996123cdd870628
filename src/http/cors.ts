import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpSettings } from './settings.ts';

/** Response headers that any route may have and that a page of another origin may read. */
const commonHeaders = [
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
  ...['retry-after', 'www-authenticate', 'x-request-id'],
];

/**
 * Lets pages of the configured origins call. They can read the headers that a route declares as
 * `responseHeaders`, besides those that any route may have.
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
