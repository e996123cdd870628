import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestLogFields } from './log-fields.ts';

/** How a request ended, including requests that the HTTP parser refused. */
export interface RequestEnd {
  readonly requestId: string;
  readonly method: string | null;
  /** The pattern of its route; `null` if no route matched. */
  readonly route: string | null;
  readonly status: number;
  readonly durationMilliseconds: number;
  /** The caller disconnected before the response was complete. */
  readonly isAbandoned: boolean;
  readonly fields: RequestLogFields | null;
}

/** @param request `undefined` if the HTTP parser refused it */
type Listener = (end: RequestEnd, request?: FastifyRequest) => void;

export interface RequestEnds {
  /** Adds a listener that is called once for every request, at its end. */
  listen(listener: Listener): void;
  /** Reports the end of a request that did not reach Fastify. */
  report: Listener;
  /** Observes a hijacked response, for which Fastify runs no `onSend` hook. Call it before writing. */
  follow(reply: FastifyReply): void;
}

/**
 * Observes the end of every request. A request ends when its response has been written or, if the
 * caller has disconnected, when its handler is done. Fastify's `onResponse` hook misses the latter.
 */
export function observeRequestEnds(app: FastifyInstance): RequestEnds {
  const listeners: Listener[] = [];
  const report: Listener = (end, request) => {
    for (const listener of listeners) listener(end, request);
  };
  function reportReply(reply: FastifyReply, isAbandoned: boolean): void {
    const { request } = reply;
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
  }
  app.addHook('onResponse', (_request, reply, done) => {
    reportReply(reply, false);
    done();
  });
  function follow(reply: FastifyReply): void {
    if (reply.raw.destroyed) reportReply(reply, true);
    else
      reply.raw.on('close', () => {
        if (!reply.raw.writableFinished) reportReply(reply, true);
      });
  }
  app.addHook('onSend', (_request, reply, _payload, done) => {
    follow(reply);
    done();
  });
  return { listen: (listener) => void listeners.push(listener), report, follow };
}
