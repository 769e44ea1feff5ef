import * as tf from '@tensorflow/tfjs';

/*
 * Every use that layers and scopes make of what tfjs-layers keeps to itself. Written against tfjs 4.22.
 */

/** Reads a LayerVariable's tf.Variable from a field that is declared protected. */
export const variableOf = (weight: tf.LayerVariable): tf.Variable =>
  (weight as unknown as { val: tf.Variable }).val;

/** The mask that a layer which makes one, such as `embedding` with `maskZero`, left in its output. */
export const maskMadeFor = (output: tf.Tensor): tf.Tensor | undefined =>
  (output as { kerasMask?: tf.Tensor | null }).kerasMask ?? undefined;

/** The two recurrent layers of `tf.layers.bidirectional`. */
export const directionsOf = (
  layer: tf.layers.Layer,
): readonly [forward: tf.RNN, backward: tf.RNN] => {
  const { forwardLayer, backwardLayer } = layer as unknown as {
    forwardLayer: tf.RNN;
    backwardLayer: tf.RNN;
  };
  return [forwardLayer, backwardLayer];
};

/** The layer inside a wrapper such as `tf.layers.timeDistributed`. */
export const wrappedLayer = (layer: tf.layers.Layer): tf.layers.Layer =>
  (layer as unknown as { layer: tf.layers.Layer }).layer;

/** The features of the time steps that `tf.layers.masking` leaves out. */
export const maskValueOf = (layer: tf.layers.Layer): number =>
  (layer as unknown as { maskValue: number }).maskValue;

/** The axis along which `tf.layers.concatenate` joins its inputs. */
export const concatenationAxis = (layer: tf.layers.Layer): number =>
  (layer as unknown as { axis: number }).axis;

/** The fields of `tf.layers.batchNormalization`. */
export interface BatchNormalizationFields {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma?: tf.LayerVariable | null;
  readonly beta?: tf.LayerVariable | null;
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
}

export const batchNormalizationFields = (layer: tf.layers.Layer): BatchNormalizationFields =>
  layer as unknown as BatchNormalizationFields;

/** One application of a layer in a model. */
interface ModelNode {
  readonly outboundLayer: tf.layers.Layer;
  readonly inputTensors: readonly tf.SymbolicTensor[];
  readonly outputTensors: readonly tf.SymbolicTensor[];
}

/** The applications of a model's layers, in the order in which they can run. */
export const nodesInOrder = (model: tf.LayersModel): readonly ModelNode[] => {
  const { nodesByDepth } = model as unknown as {
    nodesByDepth: Readonly<Record<string, readonly ModelNode[]>>;
  };
  const depths = Object.keys(nodesByDepth).map(Number);
  return depths.sort((a, b) => b - a).flatMap((depth) => nodesByDepth[depth] ?? []);
};

type LayerCall = tf.layers.Layer['call'];

/** Runs `fn` while the layer computes its output by another function. */
export const withCall = <T>(layer: tf.layers.Layer, call: LayerCall, fn: () => T): T => {
  const own = Object.getOwnPropertyDescriptor(layer, 'call');
  layer.call = call;
  try {
    return fn();
  } finally {
    if (own === undefined) Reflect.deleteProperty(layer, 'call');
    else Object.defineProperty(layer, 'call', own);
  }
};

/** Runs `fn`, and reports the name of each kernel before it runs. */
export const observeKernels = (onKernel: (name: string) => void, fn: () => void): void => {
  const engine = tf.engine();
  // A trace that is under way has replaced it as well.
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernel');
  engine.runKernel = new Proxy(engine.runKernel, {
    apply: (target, _self, args: Parameters<typeof engine.runKernel>) => {
      onKernel(args[0]);
      return Reflect.apply(target, engine, args);
    },
  });
  try {
    fn();
  } finally {
    if (own === undefined) Reflect.deleteProperty(engine, 'runKernel');
    else Object.defineProperty(engine, 'runKernel', own);
  }
};

/** Every variable of the process, by its name in tfjs. */
export const registeredVariables = (): Readonly<Record<string, tf.Variable>> =>
  tf.engine().registeredVariables;

/** An initializer of tfjs-layers, from its name or configuration, as layers accept them. */
export const initializerOf = (
  identifier: string | { readonly className: string; readonly config: object },
): ReturnType<typeof tf.initializers.zeros> => {
  const layer = tf.layers.dense({ units: 1, kernelInitializer: identifier as 'zeros' });
  return (layer as unknown as { kernelInitializer: ReturnType<typeof tf.initializers.zeros> })
    .kernelInitializer;
};

/** An initializer with a seed of its own; the same one if it has one, or draws no random numbers. */
export const withSeed = <T extends object>(initializer: T, seed: number): T => {
  if (!('seed' in initializer)) return initializer;
  const own = initializer.seed ?? undefined;
  if (own !== undefined) return initializer;
  return Object.assign(Object.create(Object.getPrototypeOf(initializer)), initializer, { seed });
};
