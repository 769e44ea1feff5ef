import { checkedFunction, kinds, required, requiredOptions } from '@elistimator/internal';
import type { TfjsBinding } from './binding-types';

/** The part of `@tensorflow/tfjs` that registration needs. */
export interface TfjsModule {
  findBackendFactory(name: string): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: tfjs's KernelBackend, a type of the caller's tfjs.
  registerBackend(name: string, factory: () => any, priority?: number): boolean;
}

/** Options of `registerTfjsBackend()`. */
export interface RegisterOptions {
  /** The application's `@tensorflow/tfjs`. */
  readonly tf: TfjsModule;
  readonly binding: TfjsBinding;
  /** Resolves tfjs-node as the application does: `createRequire(import.meta.url)`. */
  readonly require: (id: string) => unknown;
  /** The package to take the kernels from: `@tensorflow/tfjs-node` (default) or `@tensorflow/tfjs-node-gpu`. */
  readonly packageName?: string;
}

interface KernelBackendModule {
  readonly NodeJSKernelBackend: new (binding: TfjsBinding, packageName: string) => object;
}

/**
 * Registers a TensorFlow.js backend named `tensorflow`: the JavaScript kernels of tfjs-node on this binding
 * instead of its native addon. tfjs-node has to be installed, but its install script need not have run.
 * Afterwards, call `await tf.setBackend('tensorflow')`.
 *
 * On Node 23 and later, tfjs-node lacks two functions of `node:util`; `@elistimator/backend` restores them
 * before it calls this.
 *
 * @returns false if a backend named `tensorflow` is already registered, which is left unchanged
 */
export const registerTfjsBackend = checkedFunction(
  'registerTfjsBackend()',
  {
    options: requiredOptions<RegisterOptions>({
      tf: required(kinds.object),
      binding: required(kinds.object),
      require: required(kinds.callback),
      packageName: kinds.string,
    }),
  },
  ({ tf, binding, require, packageName = '@tensorflow/tfjs-node' }: RegisterOptions): boolean => {
    if (tf.findBackendFactory('tensorflow') != null) return false;
    // The package's main file would load the addon.
    const { NodeJSKernelBackend } = require(
      `${packageName}/dist/nodejs_kernel_backend`,
    ) as KernelBackendModule;
    require(`${packageName}/dist/register_all_kernels`);
    return tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, packageName), 3);
  },
);
