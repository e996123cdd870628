import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestLogFields } from './log-fields.ts';

/** How a request ended, whether it reached a route or the HTTP parser refused it. */
export interface RequestEnd {
  readonly requestId: string;
  readonly method: string | null;
  /** The pattern of its route; `null` without one. */
  readonly route: string | null;
  readonly status: number;
  readonly durationMilliseconds: number;
  /** The caller disconnected before the response was complete. */
  readonly isAbandoned: boolean;
  readonly fields: RequestLogFields | null;
}

/** @param request `undefined` where the HTTP parser refused it */
type Listener = (end: RequestEnd, request?: FastifyRequest) => void;

export interface RequestEnds {
  /** Adds a listener that is called once for every request, at its end. */
  listen(listener: Listener): void;
  /** For a request that Fastify does not know. */
  report: Listener;
}

/**
 * A request ends when its response has been written, or, where the caller has disconnected, as soon
 * as its handler is done. Fastify's own `onResponse` leaves out the latter.
 */
export function observeRequestEnds(app: FastifyInstance): RequestEnds {
  const listeners: Listener[] = [];
  const report: Listener = (end, request) => {
    for (const listener of listeners) listener(end, request);
  };
  const reportReply = (request: FastifyRequest, reply: FastifyReply, isAbandoned: boolean) =>
    report(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        durationMilliseconds: reply.elapsedTime,
        isAbandoned,
        fields: request.logFields,
      },
      request,
    );
  app.addHook('onResponse', (request, reply, done) => {
    reportReply(request, reply, false);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { raw } = reply;
    if (raw.destroyed) reportReply(request, reply, true);
    else
      raw.once('close', () => {
        if (!raw.writableFinished) reportReply(request, reply, true);
      });
    done();
  });
  return { listen: (listener) => void listeners.push(listener), report };
}
