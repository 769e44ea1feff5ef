import type { TfjsBinding } from './tfjs-binding-type';

/** The part of `@tensorflow/tfjs` that registering takes. */
export interface TfjsModule {
  findBackendFactory(name: string): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: tfjs's KernelBackend, whose types are the caller's.
  registerBackend(name: string, factory: () => any, priority?: number): boolean;
}

/** What `registerTfjsBackend()` takes. */
export interface RegisterOptions {
  /** The application's `@tensorflow/tfjs`. */
  readonly tf: TfjsModule;
  readonly binding: TfjsBinding;
  /** Finds tfjs-node as the application would: `createRequire(import.meta.url)`. */
  readonly require: (id: string) => unknown;
  /** Whose kernels: `@tensorflow/tfjs-node` when left out, or `@tensorflow/tfjs-node-gpu`. */
  readonly packageName?: string;
}

interface KernelBackendModule {
  readonly NodeJSKernelBackend: new (binding: TfjsBinding, packageName: string) => object;
}

/**
 * Registers the backend `tensorflow` of TensorFlow.js: the kernels of tfjs-node, as its own
 * JavaScript has them, on this binding in place of its addon. The package has to be installed, but
 * its install script need not have run. Follow with `await tf.setBackend('tensorflow')`.
 *
 * On Node 23 and newer tfjs-node misses two functions of `util`; `@elistimator/backend` gives them
 * back before it calls this.
 *
 * @returns false when a backend of this name is registered already; it is left as it is
 */
export const registerTfjsBackend = ({
  tf,
  binding,
  require,
  packageName = '@tensorflow/tfjs-node',
}: RegisterOptions): boolean => {
  if (tf.findBackendFactory('tensorflow') != null) return false;
  // Not the package's main file: that one loads the addon.
  const { NodeJSKernelBackend } = require(
    `${packageName}/dist/nodejs_kernel_backend`,
  ) as KernelBackendModule;
  require(`${packageName}/dist/register_all_kernels`);
  return tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, packageName), 3);
};
