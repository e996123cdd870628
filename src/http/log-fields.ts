import type { FastifyRequest } from 'fastify';

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
