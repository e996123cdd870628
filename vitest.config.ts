import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

/** As if the fast client and its call were deleted. */
const withoutFastClient: Plugin = {
  name: 'without-fast-client',
  enforce: 'pre',
  resolveId: (source) =>
    source.endsWith('/fast-client/fast-client.ts')
      ? fileURLToPath(new URL('test/step-functions/fast-client/no-fast-client.ts', import.meta.url))
      : undefined,
};
const provesThatThereIsNone = 'test/step-functions/fast-client/no-fast-client.test.ts';

export default defineConfig({
  test: {
    // Time that passes is no failure here: a busy machine takes as long as it takes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/log-privacy.ts'],
    coverage: { include: ['src/**/*.ts'], reporter: ['text'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: [provesThatThereIsNone],
        },
      },
      {
        extends: true,
        plugins: [withoutFastClient],
        test: {
          name: 'plain client',
          include: [
            'test/faults/**/*.test.ts',
            'test/step-functions/*.test.ts',
            provesThatThereIsNone,
          ],
        },
      },
    ],
  },
});
