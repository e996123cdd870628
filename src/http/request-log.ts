import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { RequestEnds } from './request-end.ts';

const requestId = /^[0-9A-Za-z_-]{1,128}$/;

/** Returns the caller's `x-request-id` if it is safe to log, otherwise a new UUID. */
export function requestIdOf(request: IncomingMessage): string {
  const inbound = request.headers['x-request-id'];
  return typeof inbound === 'string' && requestId.test(inbound) ? inbound : randomUUID();
}

/**
 * Writes one log line per request. It contains the route pattern instead of the URL, since a URL
 * may contain personal data.
 */
export function registerRequestLog(app: FastifyInstance, requestEnds: RequestEnds): void {
  app.decorateRequest('logFields', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  requestEnds.listen(({ durationMilliseconds, isAbandoned, fields, ...end }) => {
    // pino omits fields that are undefined.
    const line = {
      ...end,
      durationMilliseconds: Math.round(durationMilliseconds * 10) / 10,
      abandonedByCaller: isAbandoned || undefined,
      ...fields,
    };
    if (line.err === undefined) app.log.info(line, 'request');
    else app.log.error(line, 'request failed');
  });
}
