import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Calls `listener` once for every request: when its answer has been written, or, where the caller
 * is gone, as soon as its handler is done. Fastify's own `onResponse` leaves out the latter.
 */
export function onRequestEnd(
  app: FastifyInstance,
  listener: (request: FastifyRequest, reply: FastifyReply, isAbandoned: boolean) => void,
): void {
  app.addHook('onResponse', (request, reply, done) => {
    listener(request, reply, false);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { raw } = reply;
    if (raw.destroyed) listener(request, reply, true);
    else
      raw.once('close', () => {
        if (!raw.writableFinished) listener(request, reply, true);
      });
    done();
  });
}
