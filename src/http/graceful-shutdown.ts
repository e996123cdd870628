import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Connection, unfinished } from './connections.ts';

/** Longer would delay every deployment for connections that nobody may be using. */
const longestArrivalSeconds = 5;

/**
 * Lets requests finish while the process stops, and lets nothing else delay it but
 * `shutdownDelaySeconds`, for which connections are still accepted. Every response closes
 * its connection, and a request whose body has not arrived after 5 s, or half of the grace period,
 * is cut off. Node by itself closes only connections that have been used and are idle when the
 * server closes, and stops enforcing its time limits then.
 *
 * @returns whether the process is stopping
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
    // Until these hooks are done, Fastify still accepts connections.
    await setTimeout(settings.shutdownDelaySeconds * 1000);
    const arrivalSeconds = Math.min(
      settings.requestTimeoutSeconds,
      settings.shutdownGraceSeconds / 2,
      longestArrivalSeconds,
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
