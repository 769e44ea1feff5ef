import { defineConfig } from 'vitest/config';

export const tests = (overrides = {}) =>
  defineConfig({
    test: {
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      reporters: ['default', 'json'],
      outputFile: { json: 'reports/tests.json' },
      pool: 'forks',
      testTimeout: 60_000,
      hookTimeout: 600_000,
      ...overrides,
    },
  });
