import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Connection, unfinished } from './connections.ts';

/** A longer time would delay every deployment for connections that may be unused. */
const maxArrivalSeconds = 5;
/** Browsers and connection pools open spare connections, over which a request may never come. */
const maxSilenceSeconds = 1;

/**
 * Drains requests while the process stops. For `shutdownDelaySeconds`, connections are still
 * accepted. After that, in-flight requests finish and each response closes its connection. A
 * request that has not fully arrived after 5 s, or half of the grace period if that is shorter, is
 * cut off, as is a client that reads nothing of its response for as long. A connection that has not
 * received a byte after 1 s is closed.
 *
 * Node alone is not enough: on close, it closes only idle connections that have been used, and it
 * stops enforcing its timeouts.
 *
 * @returns a function that returns whether the process is stopping
 */
export function registerGracefulShutdown(
  app: FastifyInstance,
  connections: ReadonlyMap<Socket, Connection>,
  settings: {
    readonly requestTimeoutSeconds: number;
    readonly shutdownDelaySeconds: number;
    readonly shutdownGraceSeconds: number;
  },
): () => boolean {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
    // Fastify accepts connections until its preClose hooks are done.
    await setTimeout(settings.shutdownDelaySeconds * 1000);
    const arrivalSeconds = Math.min(
      settings.requestTimeoutSeconds,
      settings.shutdownGraceSeconds / 2,
      maxArrivalSeconds,
    );
    cutOffAfter(Math.min(arrivalSeconds, maxSilenceSeconds), ({ bytesRead }) => bytesRead === 0);
    cutOffAfter(arrivalSeconds, (_socket, connection) =>
      unfinished(connection).every(({ request }) => !request.complete),
    );
    // Half of the time: Node starts a timeout anew if the client has read since the last one.
    app.server.timeout = arrivalSeconds * 500;
    for (const socket of connections.keys()) socket.setTimeout(app.server.timeout);
  });

  function cutOffAfter(
    seconds: number,
    isCutOff: (socket: Socket, connection: Connection) => boolean,
  ): void {
    void setTimeout(seconds * 1000, undefined, { ref: false }).then(() => {
      for (const [socket, connection] of connections) {
        if (isCutOff(socket, connection)) socket.destroy();
      }
    });
  }

  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  return () => isStopping;
}
