import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OnRequestEnd } from './request-end.ts';

/**
 * What a request's log line may say besides its route, status and duration. Who adds a field
 * declares it here, by augmenting this interface. No personal data.
 */
export interface RequestLogFields {
  /** The slug of the problem that was returned. */
  problem?: string;
  /** The error behind a problem, for the operator of the service. */
  err?: unknown;
}

declare module 'fastify' {
  interface FastifyRequest {
    logFields: RequestLogFields | null;
  }
}

/** Adds to the request's log line. */
export function addLogFields(request: FastifyRequest, fields: RequestLogFields): void {
  request.logFields = { ...request.logFields, ...fields };
}

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
export function registerRequestLog(app: FastifyInstance, onRequestEnd: OnRequestEnd): void {
  app.decorateRequest('logFields', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  onRequestEnd((request, reply, isAbandoned) => {
    // pino leaves out what is undefined.
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      durationMilliseconds: Math.round(reply.elapsedTime * 10) / 10,
      abandonedByCaller: isAbandoned || undefined,
      ...request.logFields,
    };
    if (line.err === undefined) request.log.info(line, 'request');
    else request.log.error(line, 'request failed');
  });
}
