import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import type { HttpSettings } from './settings.ts';

/**
 * Fastify's options for how long a connection may take. A caller that sends slowly, or nothing, is
 * cut off. A caller that waits for its response is not, however long the handler takes.
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
      // Node's own refusal has no body. See registerRequestHead.
      requireHostHeader: false,
    },
  } satisfies FastifyHttpOptions<Server>;
}
