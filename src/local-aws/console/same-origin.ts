import type { IncomingMessage } from 'node:http';

/**
 * Whether the console may respond to a request. A page of another origin may neither read nor change
 * anything here, and a host name that an attacker resolves to loopback (DNS rebinding) does not count
 * as this origin. A link from another page is allowed: the browser then shows the console, and the
 * other page cannot read it.
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
