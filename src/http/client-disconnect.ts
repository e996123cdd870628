import type { FastifyReply } from 'fastify';

/**
 * Returns a signal that aborts when the caller disconnects before the response is complete.
 * Fastify's own `request.signal` aborts when the request stream closes, which Node does as soon as
 * the body has been read.
 */
export function clientDisconnectSignal({ raw }: FastifyReply): AbortSignal {
  if (raw.destroyed) return AbortSignal.abort();
  const controller = new AbortController();
  raw.on('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
