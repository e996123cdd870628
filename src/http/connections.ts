import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request, of which the body may not have arrived yet, and its response. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Connection {
  /** The latest exchange, and those before it whose responses are not finished. */
  exchanges: Exchange[];
  /** Why the parser reads nothing more from this connection. */
  parserError?: Error;
}

// Long enough for a response to be read, too short to pile up connections by the thousand.
const lingerMilliseconds = 1000;

/** All open connections of a server by their sockets, with the requests that came over each. */
export function trackConnections(server: Server): ReadonlyMap<Socket, Connection> {
  const connections = new Map<Socket, Connection>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { exchanges: [] });
    socket.once('close', () => connections.delete(socket));
    // Node calls this after the last response of a connection.
    socket.destroySoon = () => lingerAndClose(socket);
  });
  server.prependListener('request', (request, response) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.exchanges = [...unfinished(connection), { request, response }];
  });
  return connections;
}

/** The exchanges whose responses are not finished, in the order in which these are sent. */
export function unfinished({ exchanges }: Connection): Exchange[] {
  return exchanges.filter(({ response }) => !response.writableFinished);
}

/**
 * Closes a connection so that what has been sent to the client arrives. Closing with unread bytes
 * resets the connection, and the client may lose the response. So this reads on, until the client
 * closes too or a second has passed (RFC 9112, 9.6).
 */
export function lingerAndClose(socket: Socket): void {
  socket.end();
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}
