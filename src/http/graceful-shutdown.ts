import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Connection, unfinished } from './connections.ts';

/** Longer would delay every deployment for connections that nobody may be using. */
const longestArrivalSeconds = 5;

/**
 * Lets requests finish while the process stops, and lets nothing else delay it. Every response closes
 * its connection, and a request whose body has not arrived after 5 s, or half of the grace period,
 * is cut off. Node by itself closes only connections that have been used and are idle when the
 * server closes, and stops enforcing its time limits then.
 *
 * @returns whether the process is stopping
 */
export function registerGracefulShutdown(
  app: FastifyInstance,
  connections: ReadonlyMap<Socket, Connection>,
  settings: { readonly requestTimeoutSeconds: number; readonly shutdownGraceSeconds: number },
): () => boolean {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
    const arrivalSeconds = Math.min(
      settings.requestTimeoutSeconds,
      settings.shutdownGraceSeconds / 2,
      longestArrivalSeconds,
    );
    setTimeout(() => {
      for (const [socket, connection] of connections) {
        if (!unfinished(connection).some(({ request }) => request.complete)) socket.destroy();
      }
    }, arrivalSeconds * 1000).unref();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  return () => isStopping;
}
