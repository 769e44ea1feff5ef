import { createRequire as createNodeRequire } from 'node:module';

const bundled: Readonly<Record<string, () => unknown>> = {
  '@tensorflow/tfjs-node/dist/nodejs_kernel_backend': () =>
    require('@tensorflow/tfjs-node/dist/nodejs_kernel_backend'),
  '@tensorflow/tfjs-node/dist/register_all_kernels': () =>
    require('@tensorflow/tfjs-node/dist/register_all_kernels'),
};

/** Stands in for Node's `createRequire`: the modules that use tfjs come from the bundle. */
export const createRequire = (from: string): NodeJS.Require => {
  const nodeRequire = createNodeRequire(from);
  const load = (id: string): unknown => {
    const module = bundled[id];
    return module === undefined ? nodeRequire(id) : module();
  };
  return Object.assign(load, nodeRequire);
};
