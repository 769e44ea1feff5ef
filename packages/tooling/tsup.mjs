import { defineConfig } from 'tsup';

export const library = (entry = { index: 'src/index.ts' }) =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    // Its declarations become part of the package too, together with what they import.
    dts: { resolve: ['@elistimator/internal', /^\.{1,2}\//] },
    // Private and never published: it becomes part of each package that uses it.
    noExternal: ['@elistimator/internal'],
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
  });
