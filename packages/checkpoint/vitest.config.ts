import { fileURLToPath } from 'node:url';
import { tests } from '@elistimator/tooling/vitest';
import { mergeConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`./src/${name}.ts`, import.meta.url));

// The README's examples import the package by its name.
// Killed processes and S3 servers wait much; more than one file at a time makes use of that on two cores too.
export default mergeConfig(tests({ maxWorkers: 2 }), {
  resolve: {
    alias: [
      { find: /^@elistimator\/checkpoint\/conformance$/, replacement: source('conformance') },
      { find: /^@elistimator\/checkpoint\/s3$/, replacement: source('s3/s3-backend') },
      { find: /^@elistimator\/checkpoint$/, replacement: source('index') },
    ],
  },
});
