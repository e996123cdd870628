import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

type Listener = (request: FastifyRequest, reply: FastifyReply, isAbandoned: boolean) => void;

/** Adds a listener that is called once for every request, at its end. */
export type OnRequestEnd = (listener: Listener) => void;

/**
 * A request ends when its response has been written, or, where the caller has disconnected, as soon
 * as its handler is done. Fastify's own `onResponse` leaves out the latter.
 */
export function observeRequestEnds(app: FastifyInstance): OnRequestEnd {
  const listeners: Listener[] = [];
  const end: Listener = (request, reply, isAbandoned) => {
    for (const listener of listeners) listener(request, reply, isAbandoned);
  };
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply, false);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { raw } = reply;
    if (raw.destroyed) end(request, reply, true);
    else
      raw.once('close', () => {
        if (!raw.writableFinished) end(request, reply, true);
      });
    done();
  });
  return (listener) => void listeners.push(listener);
}
