import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Time that passes is no failure here: a busy machine takes as long as it takes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/log-privacy.ts'],
    coverage: { include: ['src/**/*.ts'], reporter: ['text'] },
  },
});
