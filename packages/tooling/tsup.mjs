import { defineConfig } from 'tsup';

export const library = (entry = { index: 'src/index.ts' }) =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    // Resolved as a file of this workspace: declarations of files under node_modules are not bundled.
    dts: {
      compilerOptions: { paths: { '@elistimator/internal': ['../internal/src/index.ts'] } },
    },
    // Private and never published: it becomes part of each package that uses it.
    noExternal: ['@elistimator/internal'],
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
  });
