import { type LoopbackPort, type LoopbackServer, serveOnLoopback } from '../loopback-server.ts';
import type { ConsoleSources } from './console.ts';

/**
 * Starts the console. Its modules are loaded by the first request, so that they do not delay the
 * service, which starts at the same time.
 *
 * @throws {PortUnavailable}
 */
export async function startConsole(
  port: LoopbackPort,
  sources: Omit<ConsoleSources, 'startDate'>,
): Promise<LoopbackServer> {
  const startDate = new Date();
  const load = async () => {
    const { buildConsole } = await import('./console.ts');
    return buildConsole({ ...sources, startDate });
  };
  let loading: ReturnType<typeof load> | undefined;
  const server = await serveOnLoopback(async (request, response) => {
    loading ??= load();
    const { routing } = await loading;
    routing(request, response);
  }, port);
  return {
    url: server.url,
    async close() {
      await server.close();
      const app = await loading;
      await app?.close();
    },
  };
}
