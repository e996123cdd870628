import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request, whose body may still be arriving, and its response. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface Connection {
  /** The latest exchange, and earlier ones whose responses are not finished. */
  exchanges: Exchange[];
  /** The error after which the parser stops reading from this connection. */
  parserError?: Error;
}

/**
 * Node handles all requests that one packet contains at once, up to a thousand. Each takes memory, and
 * those for a file a file descriptor.
 */
const maxUnfinished = 100;
// Long enough for the client to read the response, short enough to keep lingering connections few.
const lingerMilliseconds = 1000;

/**
 * Returns a live map of the server's open connections by socket, with the exchanges of each. Closes
 * connections on which nothing has been sent or received for the server's timeout, except while the
 * service works on a response, and connections with more than 100 requests without a response.
 */
export function trackConnections(server: Server): ReadonlyMap<Socket, Connection> {
  const connections = new Map<Socket, Connection>();
  server.on('connection', (socket: Socket) => {
    const connection: Connection = { exchanges: [] };
    connections.set(socket, connection);
    socket.on('close', () => {
      connections.delete(socket);
      // Node does this too, except after CONNECT.
      for (const { response } of unfinished(connection)) response.destroy();
    });
    // Node calls this after the last response of a connection.
    socket.destroySoon = () => lingerAndClose(socket);
  });
  // With a listener, Node leaves it to the listener to close the connection.
  server.on('timeout', (socket: Socket) => {
    const connection = connections.get(socket);
    const isWorking = connection !== undefined && unfinished(connection).length > 0;
    if (!isWorking || socket.writableLength > 0) socket.destroy();
  });
  server.prependListener('request', (request, response) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.exchanges = [...unfinished(connection), { request, response }];
    if (connection.exchanges.length > maxUnfinished) request.socket.destroy();
  });
  return connections;
}

/** Returns the exchanges whose responses are not finished, in the order the responses are sent. */
export function unfinished({ exchanges }: Connection): Exchange[] {
  return exchanges.filter(({ response }) => !response.writableFinished);
}

/**
 * Closes a connection without losing the response. Closing a socket that has unread bytes resets
 * the connection, and the client may lose the response. So this keeps reading until the client
 * closes its side or a second has passed (RFC 9112, 9.6).
 */
export function lingerAndClose(socket: Socket): void {
  socket.end();
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}
