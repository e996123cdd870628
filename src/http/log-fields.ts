import type { FastifyRequest } from 'fastify';

/**
 * Optional fields of a request's log line. A module that adds a field declares it by augmenting
 * this interface. Fields must not contain personal data.
 */
export interface RequestLogFields {
  /** The slug of the problem in the response. */
  problem?: string;
  /** The error behind a problem, for the operator of the service. */
  err?: unknown;
}

declare module 'fastify' {
  interface FastifyRequest {
    logFields: RequestLogFields | null;
  }
}

/** Adds fields to the request's log line. */
export function addLogFields(request: FastifyRequest, fields: RequestLogFields): void {
  request.logFields = { ...request.logFields, ...fields };
}
