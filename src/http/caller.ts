import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { clientAddress } from './client-address.ts';

/**
 * Returns the key that the limits count a request under: the caller of its access token, or else
 * the client's IPv4 address or IPv6 /64 prefix. A host can use any address in its /64 (RFC 8981).
 */
export function callerOf(request: FastifyRequest): string {
  if (request.caller !== undefined) return request.caller;
  const address = clientAddress(request);
  return address === undefined ? 'unknown' : normalizeIP(address);
}
