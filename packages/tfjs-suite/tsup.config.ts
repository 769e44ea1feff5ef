import { defineConfig } from 'tsup';
import { oneEngine } from './src/bundle/one-engine';

export default defineConfig({
  entry: { main: 'src/run/main.ts' },
  // CommonJS, because tfjs's tests call `require`.
  format: 'cjs',
  target: 'node20',
  platform: 'node',
  noExternal: [/^@tensorflow\//, '@elistimator/backend', '@elistimator/graph'],
  external: ['@elistimator/libtensorflow', /^jasmine-core/],
  esbuildPlugins: [oneEngine()],
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main'];
    // tfjs marks files as free of side effects that register kernels and tests.
    options.ignoreAnnotations = true;
    options.keepNames = true;
  },
  clean: true,
});
