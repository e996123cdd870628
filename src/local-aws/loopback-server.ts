import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

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

/** The error in people's words where it says that a port could not be had, otherwise itself. */
function toPortUnavailable(error: unknown, { port, variable }: LoopbackPort): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const reason = code === 'EADDRINUSE' ? 'is taken' : 'is not permitted';
  return new PortUnavailable(`Port ${port} ${reason}. Set ${variable} to another port.`);
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(toPortUnavailable(error, { port, variable })));
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
  return {
    url: `http://127.0.0.1:${listeningPort(server.address())}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Turns requests of browsers away. Nothing here checks signatures, so without this any web page
 * could use local AWS. Every browser sends `Origin` with a POST, and `Sec-Fetch-Site` with anything
 * to loopback.
 */
export function refuseBrowsers(listener: RequestListener): RequestListener {
  return (request, response) => {
    const { origin, 'sec-fetch-site': site } = request.headers;
    if (origin === undefined && site === undefined) return listener(request, response);
    request.resume();
    response.writeHead(403, { 'content-type': 'text/plain' }).end('Not for browsers.\n');
  };
}

function listeningPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('Not a TCP server.');
  return address.port;
}
