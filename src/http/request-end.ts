import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type Listener = (request: FastifyRequest, reply: FastifyReply, isAbandoned: boolean) => void;

const listenersOf = new WeakMap<FastifyInstance, Listener[]>();

/**
 * Calls `listener` once for every request: when its answer has been written, or, where the caller
 * is gone, as soon as its handler is done. Fastify's own `onResponse` leaves out the latter.
 */
export function onRequestEnd(app: FastifyInstance, listener: Listener): void {
  const others = listenersOf.get(app);
  if (others) {
    others.push(listener);
    return;
  }
  // One pair of hooks for all listeners, since each costs every request.
  const listeners = [listener];
  listenersOf.set(app, listeners);
  const tell: Listener = (request, reply, isAbandoned) => {
    for (const each of listeners) each(request, reply, isAbandoned);
  };
  app.addHook('onResponse', (request, reply, done) => {
    tell(request, reply, false);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { raw } = reply;
    if (raw.destroyed) tell(request, reply, true);
    else
      raw.once('close', () => {
        if (!raw.writableFinished) tell(request, reply, true);
      });
    done();
  });
}
