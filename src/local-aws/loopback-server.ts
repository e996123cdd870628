import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverName } from './refuse-browsers.ts';

/** The port of a local AWS server; 0 lets the system choose a free one. */
export interface LoopbackPort {
  readonly port: number;
  /** The environment variable that sets the port; the error names it if the port is unavailable. */
  readonly variable: string;
}

export interface LoopbackServer {
  /** Without a trailing slash, such as `http://127.0.0.1:8083`. */
  readonly url: string;
  /** Stops listening and drops every connection, even those in use. */
  close(): Promise<void>;
}

/** Another process uses the port, or this process may not. The message is shown to the developer. */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable';
}

/** Returns a PortUnavailable if the error means that, otherwise the error itself. */
async function toPortUnavailable(
  error: unknown,
  { port, variable }: LoopbackPort,
): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const reason = code === 'EADDRINUSE' ? 'is taken' : 'is not permitted';
  const running = code === 'EADDRINUSE' ? await otherLocalAws(port) : undefined;
  return new PortUnavailable(
    running === undefined
      ? `Port ${port} ${reason}. Set ${variable} to another port.`
      : `npm run dev is already running${running}; it uses port ${port}. Stop it, or set other ports for this one: PORT and those in config/local.env, where 0 means any free port.`,
  );
}

/**
 * Returns where the console of the `npm run dev` that uses a port is, as part of a sentence, or
 * undefined if another program uses the port.
 */
async function otherLocalAws(port: number): Promise<string | undefined> {
  try {
    const opened = get({
      port,
      host: '127.0.0.1',
      headers: { accept: 'text/html' },
      signal: AbortSignal.timeout(1000),
    });
    const [page]: IncomingMessage[] = await once(opened, 'response');
    opened.destroy();
    if (page?.headers.server !== serverName) return undefined;
    const [, console] = /^<(.+)>; rel="help"$/.exec(String(page.headers.link)) ?? [];
    return console ? `, with its console at ${console}` : '';
  } catch {
    return undefined;
  }
}

/**
 * Serves HTTP on 127.0.0.1 and nowhere else.
 *
 * @throws {PortUnavailable} when the port is taken or not permitted
 */
export async function serveOnLoopback(
  listener: RequestListener,
  { port, variable }: LoopbackPort,
): Promise<LoopbackServer> {
  const server = createServer(listener);
  // Longer than clients keep idle connections. Otherwise the server could close one just as a client
  // sends a request on it.
  server.keepAliveTimeout = 75_000;
  try {
    await once(server.listen({ port, host: '127.0.0.1' }), 'listening');
  } catch (error) {
    throw await toPortUnavailable(error, { port, variable });
  }
  return {
    url: `http://127.0.0.1:${listeningPort(server.address())}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listeningPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('Not a TCP server.');
  return address.port;
}
