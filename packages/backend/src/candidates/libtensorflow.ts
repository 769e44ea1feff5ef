import type { Libtensorflow } from '@elistimator/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { type BackendOptions, optionValues } from '../api/options';
import { activateBackend } from '../tfjs-internals';
import { AdvisedError, type Candidate, type StartedBackend } from './candidate';
import { registerMissingKernels } from './missing-kernels';
import {
  assertSameSettings,
  isTensorflowRegistered,
  quietTensorflow,
  tensorflowEnvironment,
  withEnvironment,
} from './tensorflow-environment';
import { correctTfjsNodeKernels } from './tfjs-node-kernels';
import { type ResolvedPackage, resolvePackage, shimUtil } from './tfjs-node-package';

/** The libtensorflow of this process. It stays open until the process ends. */
interface OpenedLibrary {
  readonly library: Libtensorflow;
  readonly gpu: boolean;
  readonly settings: string;
}

let opened: OpenedLibrary | undefined;

/**
 * True if this process runs a libtensorflow without tfjs-node's addon. The addon must not be loaded
 * then.
 */
export const runsLibtensorflow = (): boolean => opened !== undefined;

/**
 * Shortens the error if libtensorflow is simply not installed, because it becomes part of the log's
 * summary line.
 */
const shortenNotFound =
  ({ libtensorflow }: BackendOptions) =>
  (error: Error): never => {
    const requestedPath = libtensorflow ?? process.env.ELISTIMATOR_LIBTENSORFLOW;
    if (error.name !== 'LibtensorflowNotFoundError' || requestedPath) throw error;
    throw new AdvisedError('not found, see', 'npx elistimator doctor', { cause: error });
  };

/**
 * Finds tfjs-node, whose kernels are JavaScript on top of libtensorflow. Its addon isn't needed.
 */
const findKernels = (): ResolvedPackage & { readonly name: string } => {
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
    const resolved = resolvePackage(name);
    if (resolved !== undefined) return { ...resolved, name };
  }
  throw new AdvisedError(
    'it uses the kernels of @tensorflow/tfjs-node, which is not installed',
    'npm install --ignore-scripts @tensorflow/tfjs-node',
  );
};

const open = async (options: BackendOptions): Promise<Omit<OpenedLibrary, 'settings'>> => {
  const { gpu, threads, deterministic, libtensorflow: path } = options;
  const kernels = findKernels();
  // Imported on use: other backends don't need the foreign function interface.
  const { loadLibtensorflow, registerTfjsBackend } = await import('@elistimator/libtensorflow');
  shimUtil();
  quietTensorflow(process.env);
  const environment = tensorflowEnvironment({ deterministic });
  const { library, binding } = await withEnvironment(environment, async () => {
    const library = await loadLibtensorflow({ path }).catch(shortenNotFound(options));
    const binding = library.tfjsBinding({ gpu, intraOpThreads: threads, interOpThreads: threads });
    return { library, binding };
  });
  registerTfjsBackend({ tf, binding, require: kernels.require, packageName: kernels.name });
  correctTfjsNodeKernels();
  return { library, gpu: binding.isUsingGpuDevice() };
};

const start = async (options: BackendOptions): Promise<StartedBackend> => {
  const settings = JSON.stringify(optionValues(options));
  if (opened === undefined) {
    if (isTensorflowRegistered()) {
      throw new Error('this process has already loaded the native addon of tfjs-node');
    }
    opened = { ...(await open(options)), settings };
  } else {
    assertSameSettings(opened.settings, settings);
  }
  await activateBackend('tensorflow');
  registerMissingKernels('tensorflow');
  return { version: opened.library.version, gpu: opened.gpu };
};

/**
 * Any libtensorflow of this machine, such as the one in Python's TensorFlow, without tfjs-node's
 * addon.
 */
export const libtensorflow: Candidate = {
  name: 'libtensorflow',
  tfBackend: 'tensorflow',
  canUseGpu: true,
  supports: () => true,
  start,
};
