import * as tf from '@tensorflow/tfjs';
import { isEngineObserved } from '../tfjs-internals';

/** Tensors by input name, or an array of them for AddN, Concat and Pack. */
export type KernelTensors = Record<string, tf.Tensor | tf.Tensor[]> | tf.Tensor[];

/** Calls a kernel of the current backend. */
export type CallKernel = (
  kernel: string,
  inputs: KernelTensors,
  attributes: tf.NamedAttrMap,
) => tf.Tensor | tf.Tensor[];

type Engine = ReturnType<typeof tf.engine>;

const throughEngine =
  (engine: Engine): CallKernel =>
  (kernel, inputs, attributes) =>
    engine.runKernel(kernel, inputs as tf.NamedTensorMap, attributes);

const asTensor = (engine: Engine, info: tf.TensorInfo | tf.Tensor): tf.Tensor =>
  // The kernels of tfjs-node return tensors that the engine already knows.
  'rank' in info ? info : engine.makeTensorFromTensorInfo(info);

const bypassingEngine = (engine: Engine): CallKernel => {
  const { backend, backendName } = engine;
  const kernels = new Map<string, ReturnType<typeof tf.getKernel>['kernelFunc']>();
  return (kernel, inputs, attributes) => {
    let call = kernels.get(kernel);
    if (call === undefined) {
      const config = tf.getKernel(kernel, backendName);
      if (!config) {
        throw new Error(
          `expected a kernel "${kernel}" of the backend "${backendName}", got none. Use another backend, or register the kernel.`,
        );
      }
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
 * Calls `body` with the fastest way to call kernels: without the engine's bookkeeping, unless something
 * needs it, such as a gradient, a profile or a trace. Tensors that kernels make belong to the engine's scope.
 */
export const withKernels = <Result>(
  body: (call: CallKernel, isObserved: boolean) => Result,
): Result => {
  const engine = tf.engine();
  if (isEngineObserved(engine)) return body(throughEngine(engine), true);
  // As in a kernel: what kernels call in turn is not recorded for a gradient.
  engine.state.kernelDepth++;
  try {
    return body(bypassingEngine(engine), false);
  } finally {
    engine.state.kernelDepth--;
  }
};
