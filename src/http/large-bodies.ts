import type { FastifyRequest } from 'fastify';

const largeBytes = 65_536;

/**
 * Goes on at once, or in another turn of the event loop where the request has a large body. Each
 * step of such a request, like parsing or validating it, may take 20 ms: other requests get their
 * turns between them.
 */
export function afterTurn({ headers }: Pick<FastifyRequest, 'headers'>, goOn: () => void): void {
  // A body in chunks may have any length.
  const { 'content-length': length = headers['transfer-encoding'] ? Number.POSITIVE_INFINITY : 0 } =
    headers;
  if (Number(length) > largeBytes) setImmediate(goOn);
  else goOn();
}
