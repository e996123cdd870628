import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/log-privacy.ts'],
    coverage: { include: ['src/**/*.ts'], reporter: ['text'] },
  },
});
