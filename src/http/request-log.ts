import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { onRequestEnd } from './request-end.ts';

/** What a request's log line says beside its route, status and duration. No personal data. */
export interface RequestOutcome {
  executionArn?: string;
  /** Step Functions' own id of the call, which AWS Support asks for. */
  awsRequestId?: string | undefined;
  /** Why an access token was not accepted, without anything of it. */
  tokenRefused?: string;
  /** The slug of the problem that was the answer. */
  problem?: string;
  /** The error behind a problem, for whoever operates the service. */
  cause?: unknown;
}

declare module 'fastify' {
  interface FastifyRequest {
    outcome: RequestOutcome | null;
  }
}

/** Adds to what the request's log line will say. */
export function noteOutcome(request: FastifyRequest, outcome: RequestOutcome): void {
  request.outcome = { ...request.outcome, ...outcome };
}

const requestId = /^[0-9A-Za-z_-]{1,128}$/;

/** The caller's `x-request-id` where it is fit for logs, otherwise a new UUID. */
export function requestIdOf(request: IncomingMessage): string {
  const inbound = request.headers['x-request-id'];
  return typeof inbound === 'string' && requestId.test(inbound) ? inbound : randomUUID();
}

/**
 * One log line per request, with the pattern of its route rather than its URL: an URL is the
 * caller's text and may hold anything.
 */
export function registerRequestLog(app: FastifyInstance): void {
  app.decorateRequest('outcome', null);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  onRequestEnd(app, (request, reply, isAbandoned) => {
    const { executionArn, awsRequestId, tokenRefused, problem, cause } = request.outcome ?? {};
    // pino leaves out what is undefined.
    const line = {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      durationMilliseconds: Math.round(reply.elapsedTime * 10) / 10,
      abandonedByCaller: isAbandoned || undefined,
      executionArn,
      awsRequestId,
      tokenRefused,
      problem,
      err: cause,
    };
    if (cause === undefined) request.log.info(line, 'request');
    else request.log.error(line, 'request failed');
  });
}
