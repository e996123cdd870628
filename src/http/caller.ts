import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.ts';

/**
 * Whom a request counts for: the caller by its access token, or else an IPv4 address, or an IPv6
 * /64, as a host takes any number of addresses there (RFC 8981).
 */
export function callerOf(request: FastifyRequest): string {
  if (request.caller !== undefined) return request.caller;
  const address = clientAddress(request);
  return address === undefined ? 'unknown' : normalizeIP(address);
}
