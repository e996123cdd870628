import type { FastifyReply } from 'fastify';

/**
 * Aborts when the caller disconnects before the response is complete. Fastify's own `request.signal`
 * follows the request's stream instead, which Node closes as soon as the body has been read.
 */
export function clientDisconnectSignal({ raw }: FastifyReply): AbortSignal {
  if (raw.destroyed) return AbortSignal.abort();
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
