import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OnRequestEnd } from './request-end.ts';

/** Longer would delay every deployment for connections that nobody may be using. */
const longestArrivalSeconds = 5;

/**
 * Lets requests finish while the process stops, and lets nothing else delay it. Every response closes
 * its connection, and a request whose body has not been read after 5 s, or half of the grace period,
 * is cut off. Node by itself closes only connections that have been used and are idle when the
 * server closes, and stops enforcing its time limits then.
 *
 * @returns whether the process is stopping
 */
export function registerGracefulShutdown(
  app: FastifyInstance,
  onRequestEnd: OnRequestEnd,
  settings: { readonly requestTimeoutSeconds: number; readonly shutdownGraceSeconds: number },
): () => boolean {
  let isStopping = false;
  const connections = new Set<Socket>();
  const arrived = new Set<FastifyRequest>();
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  app.addHook('preValidation', (request, _reply, done) => {
    arrived.add(request);
    done();
  });
  onRequestEnd((request) => arrived.delete(request));
  app.addHook('preClose', async () => {
    isStopping = true;
    const arrivalSeconds = Math.min(
      settings.requestTimeoutSeconds,
      settings.shutdownGraceSeconds / 2,
      longestArrivalSeconds,
    );
    setTimeout(() => {
      const busy = new Set([...arrived].map(({ raw }) => raw.socket));
      for (const socket of connections.difference(busy)) socket.destroy();
    }, arrivalSeconds * 1000).unref();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  return () => isStopping;
}
