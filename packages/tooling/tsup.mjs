import { defineConfig } from 'tsup';

export const library = (entry = { index: 'src/index.ts' }) =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: { resolve: ['@elistimator/internal'] },
    // Private and never published: it becomes part of each package that uses it.
    noExternal: ['@elistimator/internal'],
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
  });
