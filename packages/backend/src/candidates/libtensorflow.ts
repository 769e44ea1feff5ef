import * as tf from '@tensorflow/tfjs';
import { type BackendOptions, optionValues } from '../backend-options';
import { type ResolvedPackage, resolvePackage } from '../resolve-package';
import {
  quietTensorflow,
  tensorflowEnvironment,
  withEnvironment,
} from '../tfjs-node/tensorflow-environment';
import { shimUtil } from '../tfjs-node/util-shims';
import type { Candidate, StartedBackend } from './candidate';

/** What runs in this process, once it does. */
let running: (StartedBackend & { readonly settings: string }) | undefined;

/** Whether this process runs a libtensorflow without an addon, so that no addon may be loaded. */
export const runsLibtensorflow = (): boolean => running !== undefined;

/** That none is installed is no fault, and needs no list of places in a line of the log. */
const shorten =
  ({ libtensorflow }: BackendOptions) =>
  (error: Error): never => {
    const named = libtensorflow ?? process.env.ELISTIMATOR_LIBTENSORFLOW;
    if (error.name !== 'LibtensorflowNotFoundError' || named) throw error;
    throw new Error('none was found; "elistimator doctor" says where, and what to install', {
      cause: error,
    });
  };

/** tfjs-node's kernels are JavaScript on top of libtensorflow; the package's addon is not needed. */
const findKernels = (): ResolvedPackage & { readonly name: string } => {
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
    const found = resolvePackage(name);
    if (found !== undefined) return { ...found, name };
  }
  throw new Error(
    'its kernels are those of @tensorflow/tfjs-node, which is not installed: npm install --ignore-scripts @tensorflow/tfjs-node',
  );
};

const load = async ({ gpu, threads, ...options }: BackendOptions): Promise<StartedBackend> => {
  const kernels = findKernels();
  // Only now: a process that runs on something else needs no foreign function interface.
  const { loadLibtensorflow, registerTfjsBackend } = await import('@elistimator/libtensorflow');
  shimUtil();
  quietTensorflow(process.env);
  const environment = tensorflowEnvironment({ deterministic: options.deterministic });
  const { library, binding } = await withEnvironment(environment, async () => {
    const library = await loadLibtensorflow({ path: options.libtensorflow }).catch(
      shorten(options),
    );
    const binding = library.tfjsBinding({ gpu, intraOpThreads: threads, interOpThreads: threads });
    return { library, binding };
  });
  registerTfjsBackend({ tf, binding, require: kernels.require, packageName: kernels.name });
  return { version: library.version, gpu: binding.isUsingGpuDevice() };
};

const start = async (options: BackendOptions): Promise<StartedBackend> => {
  const settings = JSON.stringify(optionValues(options));
  if (running === undefined) {
    if (tf.findBackendFactory('tensorflow') != null) {
      throw new Error('this process has loaded a tfjs-node with its addon already');
    }
    running = { ...(await load(options)), settings };
  } else if (settings !== '{}' && settings !== running.settings) {
    throw new Error(
      'TensorFlow is loaded already and takes options only before; use the same options, or a new process',
    );
  }
  await tf.setBackend('tensorflow');
  return running;
};

/** Any libtensorflow of this machine, as the one inside a Python TensorFlow, without an addon. */
export const libtensorflow: Candidate = {
  name: 'libtensorflow',
  tfBackend: 'tensorflow',
  mayUseGpu: true,
  honours: () => true,
  start,
};
