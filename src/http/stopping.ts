import type { FastifyInstance } from 'fastify';

/**
 * While the process stops, every answer is the last one of its connection. Node closes only the
 * connections that are idle when the server closes; one that was busy then would be held by its
 * caller, and so hold up the process.
 *
 * @returns whether the process stops
 */
export function registerStopping(app: FastifyInstance): () => boolean {
  let isStopping = false;
  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isStopping) reply.header('connection', 'close');
  });
  return () => isStopping;
}
