import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import type { BackendOptions, OptionPath } from '../api/options';
import { activateBackend, describeNodeBackend } from '../tfjs-internals';
import type { Candidate, StartedBackend } from './candidate';
import { runsLibtensorflow } from './libtensorflow';
import { registerMissingKernels } from './missing-kernels';
import {
  assertSameSettings,
  isTensorflowRegistered,
  quietTensorflow,
  tensorflowEnvironment,
  withEnvironment,
} from './tensorflow-environment';
import { correctTfjsNodeKernels } from './tfjs-node-kernels';
import { findAddon, resolvePackage, shimUtil } from './tfjs-node-package';

type PackageName = 'tfjs-node' | 'tfjs-node-gpu';

/** Options that have an environment variable. */
const supportedOptions: readonly OptionPath[] = [
  'threads',
  'gpu.allowGrowth',
  'gpu.visibleDevices',
  'deterministic',
];

/** The environment variables that this package set before it loaded TensorFlow, as JSON. */
let loadedWith: string | undefined;

/**
 * Loads the package. The addon comes first: the package registers its kernels before it loads the
 * addon, so if the addon fails, those kernels would stay and break the next candidate.
 */
const load = async (
  name: PackageName,
  environment: Readonly<Record<string, string>>,
): Promise<void> => {
  const npmName = `@tensorflow/${name}`;
  const installed = resolvePackage(npmName);
  if (installed === undefined) throw new Error('not installed');
  const addon = findAddon(installed.packageFile);
  if (!existsSync(addon.path)) {
    throw new Error(
      `${npmName} ${addon.packageVersion} has no native addon: its install script did not run, or failed`,
    );
  }
  shimUtil();
  quietTensorflow(process.env);
  await withEnvironment(environment, async () => {
    installed.require(addon.path);
    installed.require(npmName);
  });
};

const start = async (name: PackageName, options: BackendOptions): Promise<StartedBackend> => {
  if (runsLibtensorflow()) {
    throw new Error('this process already runs libtensorflow without the addon');
  }
  const environment = tensorflowEnvironment(options);
  const settings = JSON.stringify(environment);
  if (isTensorflowRegistered()) {
    assertSameSettings(loadedWith, settings);
  } else {
    await load(name, environment);
    loadedWith = settings;
  }
  correctTfjsNodeKernels();
  const previous = tf.getBackend();
  await activateBackend('tensorflow');
  registerMissingKernels('tensorflow');
  const { isGpuPackage, version, gpu } = describeNodeBackend();
  if (isGpuPackage !== (name === 'tfjs-node-gpu')) {
    if (previous && previous !== 'tensorflow') await tf.setBackend(previous);
    throw new Error(
      `this process has already loaded @tensorflow/tfjs-node${isGpuPackage ? '-gpu' : ''}`,
    );
  }
  return { version, gpu };
};

const candidate = (name: PackageName): Candidate => ({
  name,
  tfBackend: 'tensorflow',
  canUseGpu: name === 'tfjs-node-gpu',
  supports: (path) => supportedOptions.includes(path),
  start: (options) => start(name, options),
});

/** TensorFlow through the native addon of tfjs-node-gpu, which is built for CUDA. */
export const tfjsNodeGpu: Candidate = candidate('tfjs-node-gpu');

/** TensorFlow through tfjs-node's native addon. */
export const tfjsNode: Candidate = candidate('tfjs-node');
