import { fileURLToPath } from 'node:url';
import { tests } from '@elistimator/tooling/vitest';
import { mergeConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./src/${name}.ts`, import.meta.url));

// The README's examples import the package by its name.
export default mergeConfig(tests(), {
  resolve: {
    alias: [
      { find: /^@elistimator\/checkpoint\/conformance$/, replacement: source('conformance') },
      { find: /^@elistimator\/checkpoint\/s3$/, replacement: source('s3') },
      { find: /^@elistimator\/checkpoint$/, replacement: source('index') },
    ],
  },
});
