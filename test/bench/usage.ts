import { setTimeout } from 'node:timers/promises';
import type { Server } from './servers/server.ts';

const everyMilliseconds = 500;

/** Samples the usage of servers until `stop`, which returns the most that any of them used. */
export function watchUsage(servers: readonly Server[]) {
  let mostBytes = 0;
  const stopping = new AbortController();
  const began = Promise.all(servers.map((server) => server.usage()));
  const sampling = (async () => {
    while (!stopping.signal.aborted) {
      for (const server of servers) {
        mostBytes = Math.max(mostBytes, (await server.usage()).residentBytes);
      }
      const { signal } = stopping;
      await setTimeout(everyMilliseconds, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await sampling;
      const before = await began;
      const after = await Promise.all(servers.map((server) => server.usage()));
      const used = after.map(
        ({ cpuMicroseconds }, index) => cpuMicroseconds - (before[index]?.cpuMicroseconds ?? 0),
      );
      return { mostBytes, cpuSeconds: Math.max(...used) / 1e6 };
    },
  };
}
