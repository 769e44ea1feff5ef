import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import type { BackendOptions, OptionPath } from '../backend-options';
import { resolvePackage } from '../resolve-package';
import { findAddon } from '../tfjs-node/find-addon';
import {
  quietTensorflow,
  tensorflowEnvironment,
  withEnvironment,
} from '../tfjs-node/tensorflow-environment';
import { shimUtil } from '../tfjs-node/util-shims';
import type { Candidate, StartedBackend } from './candidate';
import { runsLibtensorflow } from './libtensorflow';

type PackageName = 'tfjs-node' | 'tfjs-node-gpu';

/** What tfjs-node's backend tells of itself. */
interface NodeBackend extends tf.KernelBackend {
  readonly isGPUPackage: boolean;
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Set by environment variables, which TensorFlow reads once. */
const honoured: readonly OptionPath[] = [
  'threads',
  'gpu.allowGrowth',
  'gpu.visibleDevices',
  'deterministic',
];

const isRegistered = (): boolean => tf.findBackendFactory('tensorflow') != null;

/** The variables that the loaded TensorFlow was started with, as far as this package set them. */
let loadedWith: string | undefined;

/**
 * Loads the package. The addon comes first: the package itself registers its kernels before it looks
 * for the addon, and a second package would then stumble over the leftovers of the first.
 */
const load = async (
  name: PackageName,
  environment: Readonly<Record<string, string>>,
): Promise<void> => {
  const npmName = `@tensorflow/${name}`;
  const found = resolvePackage(npmName);
  if (found === undefined) throw new Error('not installed');
  const addon = findAddon(found.packageFile);
  if (!existsSync(addon.path)) {
    throw new Error(
      `${npmName} ${addon.packageVersion} has no native addon: its install script did not run, or failed`,
    );
  }
  shimUtil();
  quietTensorflow(process.env);
  await withEnvironment(environment, async () => {
    found.require(addon.path);
    found.require(npmName);
  });
};

const start = async (name: PackageName, options: BackendOptions): Promise<StartedBackend> => {
  if (runsLibtensorflow())
    throw new Error('this process runs libtensorflow without the addon already');
  const environment = tensorflowEnvironment(options);
  const settings = JSON.stringify(environment);
  if (!isRegistered()) {
    await load(name, environment);
    loadedWith = settings;
  } else if (settings !== '{}' && settings !== loadedWith) {
    throw new Error(
      'TensorFlow is loaded already and takes options only before; use the same options, or a new process',
    );
  }
  const before = tf.getBackend();
  await tf.setBackend('tensorflow');
  const { isGPUPackage, isUsingGpuDevice, binding } = tf.backend() as NodeBackend;
  if (isGPUPackage !== (name === 'tfjs-node-gpu')) {
    if (before && before !== 'tensorflow') await tf.setBackend(before);
    throw new Error(
      `this process has loaded @tensorflow/tfjs-node${isGPUPackage ? '-gpu' : ''} already`,
    );
  }
  return { version: binding.TF_Version, gpu: isUsingGpuDevice };
};

const candidate = (name: PackageName): Candidate => ({
  name,
  tfBackend: 'tensorflow',
  mayUseGpu: name === 'tfjs-node-gpu',
  honours: (path) => honoured.includes(path),
  start: (options) => start(name, options),
});

/** TensorFlow through tfjs-node's own addon, the build for CUDA. */
export const tfjsNodeGpu: Candidate = candidate('tfjs-node-gpu');

/** TensorFlow through tfjs-node's own addon. */
export const tfjsNode: Candidate = candidate('tfjs-node');
