import * as tf from '@tensorflow/tfjs';

/** Tensors by input name, or a list of them as AddN, Concat and Pack take. */
export type KernelInputs = Record<string, tf.Tensor | tf.Tensor[]> | tf.Tensor[];

/** Calls a kernel of the current backend; gives one tensor or, of several outputs, a list. */
export type CallKernel = (
  kernel: string,
  inputs: KernelInputs,
  attributes: tf.NamedAttrMap,
) => tf.Tensor | tf.Tensor[];

type Engine = ReturnType<typeof tf.engine>;

/** Whether something watches the engine, which calling kernels past it would hide them from. */
const isWatched = (engine: Engine): boolean =>
  engine.isTapeOn() ||
  engine.state.profiling ||
  tf.env().getBool('DEBUG') ||
  tf.env().getBool('IS_TEST') ||
  // A trace puts its own function in place of the prototype's.
  Object.hasOwn(engine, 'runKernel');

const throughEngine =
  (engine: Engine): CallKernel =>
  (kernel, inputs, attributes) =>
    engine.runKernel(kernel, inputs as tf.NamedTensorMap, attributes);

const asTensor = (engine: Engine, info: tf.TensorInfo | tf.Tensor): tf.Tensor =>
  // tfjs-node's kernels give tensors that the engine knows already.
  'rank' in info ? info : engine.makeTensorFromTensorInfo(info);

const pastEngine = (engine: Engine): CallKernel => {
  const backend = engine.backend;
  const { backendName } = engine;
  const kernels = new Map<string, ReturnType<typeof tf.getKernel>['kernelFunc']>();
  return (kernel, inputs, attributes) => {
    let call = kernels.get(kernel);
    if (call === undefined) {
      const config = tf.getKernel(kernel, backendName);
      if (!config) throw new Error(`Kernel "${kernel}" is not there for backend "${backendName}".`);
      call = config.kernelFunc;
      kernels.set(kernel, call);
    }
    const infos = call({ inputs: inputs as tf.NamedTensorInfoMap, attrs: attributes, backend });
    return Array.isArray(infos)
      ? infos.map((info) => asTensor(engine, info))
      : asTensor(engine, infos);
  };
};

/**
 * Runs `body` with the shortest way to call kernels: past the engine's bookkeeping for gradients and
 * profiles where neither is on. Tensors made on the way are the engine's, and go with its scope.
 */
export const withKernels = <Result>(body: (call: CallKernel) => Result): Result => {
  const engine = tf.engine();
  if (isWatched(engine)) return body(throughEngine(engine));
  // As in a kernel: what kernels call in turn is not recorded for a gradient.
  engine.state.kernelDepth++;
  try {
    return body(pastEngine(engine));
  } finally {
    engine.state.kernelDepth--;
  }
};
