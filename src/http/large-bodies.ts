import type { FastifyRequest } from 'fastify';

const largeBytes = 65_536;

/**
 * Calls `next` at once or, if the request has a large body, in the next turn of the event loop.
 * Each step with a large body, such as parsing or validation, blocks the event loop. So other
 * requests run between these steps.
 */
export function yieldIfLarge({ headers }: Pick<FastifyRequest, 'headers'>, next: () => void): void {
  // A chunked body can have any length.
  const { 'content-length': length = headers['transfer-encoding'] ? Number.POSITIVE_INFINITY : 0 } =
    headers;
  if (Number(length) > largeBytes) setImmediate(next);
  else next();
}
