import type { IncomingMessage } from 'node:http';

/**
 * Whether the console may respond. A page of another origin must neither read from here nor change
 * anything, and a host name that an attacker points at loopback (DNS rebinding) must not pass for
 * this origin. Following a link from another page is allowed: the browser shows the console then,
 * and the other page sees nothing of it.
 */
export function isFromConsole({ method, headers, socket }: IncomingMessage): boolean {
  const { host, origin } = headers;
  const port = socket.localPort;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return false;
  if (origin !== undefined) return origin === `http://${host}`;
  // Browsers send `Origin` with every request that may change something.
  const mayChange = method !== 'GET' && method !== 'HEAD';
  const site = headers['sec-fetch-site'] ?? 'none';
  if (mayChange) return headers['sec-fetch-site'] === undefined;
  return site === 'none' || site === 'same-origin' || headers['sec-fetch-mode'] === 'navigate';
}
