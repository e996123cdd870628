import { isIP } from 'node:net';
import { compile } from '@fastify/proxy-addr';
import type { FastifyRequest } from 'fastify';

/** Returns Fastify's `trustProxy` function: whether to trust `X-Forwarded-For` from an address. */
export function trustProxies(trustedProxies: readonly string[]): (address: string) => boolean {
  const isTrusted = compile([...trustedProxies]);
  return (text) => {
    const address = addressIn(text);
    return address !== undefined && isTrusted(address, 0);
  };
}

/**
 * Returns the client's address as the trusted proxies forward it. If a proxy forwards something
 * that is not an address, returns the proxy's own. `undefined` once the connection is closed.
 */
export function clientAddress({ ips = [] }: FastifyRequest): string | undefined {
  return ips.map(addressIn).findLast((address) => address !== undefined);
}

/** Some proxies append the port: `203.0.113.9:1001`, `[2001:db8::1]:443`. */
function addressIn(text: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[(.*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
  const address = bracketed ?? dotted ?? text;
  return isIP(address) === 0 ? undefined : address;
}
