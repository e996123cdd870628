import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { RequestEnds } from './request-end.ts';

const requestId = /^[0-9A-Za-z_-]{1,128}$/;

/** The caller's `x-request-id` where it is fit for logs, otherwise a new UUID. */
export function requestIdOf(request: IncomingMessage): string {
  const inbound = request.headers['x-request-id'];
  return typeof inbound === 'string' && requestId.test(inbound) ? inbound : randomUUID();
}

/**
 * One log line per request, with the pattern of its route rather than its URL, which is the caller's
 * text and may hold anything.
 */
export function registerRequestLog(app: FastifyInstance, requestEnds: RequestEnds): void {
  app.decorateRequest('logFields', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  requestEnds.listen(({ durationMilliseconds, isAbandoned, fields, ...end }) => {
    // pino leaves out what is undefined.
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
