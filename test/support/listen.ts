import { once } from 'node:events';
import type { Server } from 'node:net';

/** Makes the server listen on 127.0.0.1, on a free port by default, and returns its URL. */
export async function listen(
  server: Server,
  options: { readonly port?: number; readonly backlog?: number } = {},
): Promise<string> {
  server.listen({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Not a TCP server.');
  return `http://127.0.0.1:${address.port}`;
}
