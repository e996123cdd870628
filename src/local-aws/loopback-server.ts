import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serverName } from './refuse-browsers.ts';

/** Where a server of local AWS listens: 0 lets the system choose a free port. */
export interface LoopbackPort {
  readonly port: number;
  /** The environment variable that sets the port, named in the error when the port cannot be had. */
  readonly variable: string;
}

export interface LoopbackServer {
  /** Without a slash at the end, such as `http://127.0.0.1:8083`. */
  readonly url: string;
  /** Stops listening and drops every connection, those in use included. */
  close(): Promise<void>;
}

/** A port that another process has, or that this one may not take. The message is for people. */
export class PortUnavailable extends Error {
  override readonly name = 'PortUnavailable';
}

/** The error for people where it says that a port could not be had, otherwise the error itself. */
async function toPortUnavailable(
  error: unknown,
  { port, variable }: LoopbackPort,
): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const reason = code === 'EADDRINUSE' ? 'is taken' : 'is not permitted';
  const running = code === 'EADDRINUSE' ? await runningAt(port) : undefined;
  return new PortUnavailable(
    running === undefined
      ? `Port ${port} ${reason}. Set ${variable} to another port.`
      : `npm run dev is already running${running}; it has port ${port}. Stop it, or give this one other ports: PORT and those of config/local.env, where 0 takes a free one.`,
  );
}

/** Where the `npm run dev` runs that has a port, in words, or undefined where another program has it. */
async function runningAt(port: number): Promise<string | undefined> {
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
  // Longer than clients keep idle connections, so that none is closed just as a request is sent on it.
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
