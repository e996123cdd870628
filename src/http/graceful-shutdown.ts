import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Connection, unfinished } from './connections.ts';

/** A longer time would delay every deployment for connections that may be unused. */
const maxArrivalSeconds = 5;

/**
 * Drains requests while the process stops. For `shutdownDelaySeconds`, connections are still
 * accepted. After that, in-flight requests finish and each response closes its connection. A
 * request that has not fully arrived after 5 s, or half of the grace period if that is shorter, is
 * cut off.
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
    const arrived = setTimeout(arrivalSeconds * 1000, undefined, { ref: false });
    void arrived.then(() => {
      for (const [socket, connection] of connections) {
        if (!unfinished(connection).some(({ request }) => request.complete)) socket.destroy();
      }
    });
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  return () => isStopping;
}
