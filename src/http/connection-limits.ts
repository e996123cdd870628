import type { Server } from 'node:http';
import type { FastifyHttpOptions } from 'fastify';
import type { HttpSettings } from './settings.ts';

/**
 * Returns Fastify's timeout options. A client that sends its request too slowly, sends nothing, or
 * reads nothing of its response is disconnected. These timeouts do not limit how long a handler may
 * take.
 */
export function connectionLimits({
  requestTimeoutSeconds,
  keepAliveSeconds,
}: Pick<HttpSettings, 'requestTimeoutSeconds' | 'keepAliveSeconds'>) {
  // Node accepts whole milliseconds only.
  const requestTimeout = Math.ceil(requestTimeoutSeconds * 1000);
  const headersTimeout = Math.ceil(requestTimeout / 3);
  return {
    requestTimeout,
    // `trackConnections` decides which of these connections to close.
    connectionTimeout: requestTimeout,
    keepAliveTimeout: Math.ceil(keepAliveSeconds * 1000),
    http: {
      headersTimeout,
      // How often Node looks for connections that exceed the timeouts.
      connectionsCheckingInterval: Math.ceil(headersTimeout / 2),
      // Node's own 400 has no body. registerRequestHead checks the header instead.
      requireHostHeader: false,
    },
  } satisfies FastifyHttpOptions<Server>;
}
