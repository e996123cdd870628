import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

/** Replaces the fast client by a stand-in that does nothing. */
const withoutFastClient: Plugin = {
  name: 'without-fast-client',
  enforce: 'pre',
  resolveId: (source) =>
    source.endsWith('/fast-client/fast-client.ts')
      ? fileURLToPath(new URL('test/step-functions/fast-client/no-fast-client.ts', import.meta.url))
      : undefined,
};
/** Tests that the project `plain client` really runs without the fast client. */
const plainClientTest = 'test/step-functions/fast-client/no-fast-client.test.ts';

export default defineConfig({
  test: {
    // Only so that a hang ends: on a busy machine, a test may take long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for timers and processes. By default, one core would stay idle as well.
    maxWorkers: availableParallelism() + 1,
    setupFiles: ['test/support/log-privacy.ts'],
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      // What is reached, rounded down. Code that runs only in child processes and browsers does not count.
      thresholds: { statements: 84, branches: 77, functions: 81, lines: 85 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [plainClientTest],
        },
      },
      {
        extends: true,
        plugins: [withoutFastClient],
        test: {
          name: 'plain client',
          include: ['test/faults/**/*.test.ts', 'test/step-functions/*.test.ts', plainClientTest],
          // The first is about HTTP alone. The second starts processes, which always have the fast client.
          exclude: ['test/faults/{fuzz,sync-idempotency-kills}.test.ts'],
        },
      },
    ],
  },
});
