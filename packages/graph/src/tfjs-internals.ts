import { checkedFunction } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';

/*
 * Every use that this package makes of what tfjs keeps to itself. Written against tfjs 4.22; each part is
 * checked before its first use, so that another version fails with its reason.
 */

/** The inputs of a kernel as tfjs passes them. */
export type KernelArguments =
  | Readonly<Record<string, tf.Tensor | readonly tf.Tensor[] | null | undefined>>
  | readonly tf.Tensor[];

/** An entry of the engine's stack of `tf.tidy`s and operations. */
export interface EngineScope {
  readonly id: number;
  readonly name: string;
}

/** The key under which a backend stores a tensor's values. */
export type DataId = object;

/** The engine of tfjs, with more members than tfjs declares. */
export interface TfjsEngine {
  runKernel(name: string, inputs: KernelArguments, attributes?: object): tf.Tensor | tf.Tensor[];
  makeTensor(
    values: tf.DataValues | readonly string[],
    shape: number[],
    dtype?: tf.DataType,
    backend?: unknown,
  ): tf.Tensor;
  makeVariable(
    initialValue: tf.Tensor,
    trainable?: boolean,
    name?: string,
    dtype?: tf.DataType,
  ): tf.Variable;
  readSync(dataId: DataId): tf.DataValues;
  read(dataId: DataId): Promise<tf.DataValues>;
  nextTensorId(): number;
  gradients(
    f: () => tf.Tensor,
    xs: tf.Tensor[],
    dy: tf.Tensor | undefined,
    allowNoGradients: boolean,
  ): { readonly grads: readonly (tf.Tensor | undefined)[] };
  startScope(): void;
  /** Disposes the tensors made in the scope. */
  endScope(): void;
  readonly state: {
    readonly scopeStack: readonly EngineScope[];
    gradientDepth: number;
    activeTape: readonly { readonly saved?: readonly tf.Tensor[] }[] | null | undefined;
  };
}

const assertInternals = (owner: string, object: object, members: readonly string[]): void => {
  const missing = members.filter((member) => !(member in object));
  if (missing.length === 0) return;
  throw new Error(
    `@tensorflow/tfjs ${tf.version_core}: expected ${missing.join(', ')} in ${owner}, as in tfjs 4.22, got ` +
      'nothing of this name. Install a version of @tensorflow/tfjs that @elistimator/graph supports (^4.22.0).',
  );
};

let checkedEngine: unknown;

export const currentEngine = (): TfjsEngine => {
  const engine = tf.engine();
  if (engine !== checkedEngine) {
    assertInternals('its engine', engine, [
      ...['runKernel', 'makeTensor', 'makeVariable', 'readSync', 'read', 'nextTensorId'],
      ...['startScope', 'endScope', 'state', 'gradients'],
    ]);
    assertInternals("its engine's state", engine.state, ['scopeStack', 'gradientDepth']);
    checkedEngine = engine;
  }
  return engine as unknown as TfjsEngine;
};

/**
 * The name of the backend that the next operation runs on. tfjs chooses one at its first operation, and
 * `tf.getBackend()` gives nothing before.
 *
 * @throws Error of tfjs if its first choice, such as wasm, must be awaited: `await tf.ready()`
 */
export const currentBackendName = (): string => {
  tf.backend();
  return tf.getBackend();
};

/**
 * Frees the tensors that tfjs keeps for a backward pass. tfjs does not free them itself when the function
 * to differentiate throws. Does nothing while a gradient is being computed.
 */
export const releaseGradientTape = checkedFunction('releaseGradientTape()', {}, (): void => {
  const { state } = currentEngine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) tf.dispose([...(saved ?? [])]);
  state.activeTape = null;
});

/** An optimizer's count of its steps, which tfjs keeps in JavaScript. */
export interface CountingOptimizer {
  iterations_: number | undefined;
  incrementIterations(): void;
}

export const optimizerPrototype = (): CountingOptimizer => {
  assertInternals('tf.Optimizer', tf.Optimizer.prototype, ['incrementIterations']);
  return tf.Optimizer.prototype as unknown as CountingOptimizer;
};

/** The arguments that a layer passes to its `call`. */
export interface LayerArguments {
  readonly training?: boolean;
}

export type LayerCall = (
  inputs: tf.Tensor | tf.Tensor[],
  kwargs: LayerArguments,
) => tf.Tensor | tf.Tensor[];

/** A layer of tfjs-layers that draws random numbers. */
export interface NoiseLayer {
  readonly rate: number;
  readonly stddev: number;
  readonly noiseShape?: readonly number[] | null;
  getNoiseShape?(input: tf.Tensor): number[] | null | undefined;
  invokeCallHook(inputs: tf.Tensor | tf.Tensor[], kwargs: LayerArguments): void;
  call: LayerCall;
}

/** The cell of a recurrent layer, which keeps its masks until the layer is called again. */
export interface RecurrentCell {
  dropoutFunc?: ((x: tf.Tensor, rate: number) => tf.Tensor) | undefined;
  dropoutMask?: tf.Tensor | tf.Tensor[] | null;
  recurrentDropoutMask?: tf.Tensor | tf.Tensor[] | null;
  call: LayerCall;
}

/** The prototype of a noise layer's class; tfjs exports the functions that make the layers alone. */
export const noiseLayerPrototype = (layer: tf.layers.Layer): NoiseLayer => {
  const isCheckedBy = 'stddev' in layer ? 'stddev' : 'rate';
  assertInternals(layer.getClassName(), layer, [isCheckedBy, 'invokeCallHook', 'call']);
  return Object.getPrototypeOf(layer) as NoiseLayer;
};

export const cellPrototype = (cell: object): RecurrentCell => {
  assertInternals('recurrent cells', cell, ['dropoutMask', 'recurrentDropoutMask', 'call']);
  return Object.getPrototypeOf(cell) as RecurrentCell;
};

/** A recurrent layer, with what tfjs-layers declares only for itself. */
export interface RecurrentLayer {
  readonly name: string;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly cell: { call(inputs: tf.Tensor[], kwargs: LayerArguments): tf.Tensor | tf.Tensor[] };
  getInitialState(inputs: tf.Tensor): tf.Tensor[];
}

export const recurrentLayer = (layer: tf.RNN): RecurrentLayer => {
  assertInternals(layer.name, layer, ['cell', 'goBackwards', 'returnSequences', 'getInitialState']);
  return layer as unknown as RecurrentLayer;
};

/**
 * The gradients of a scalar with respect to tensors, apart from any gradient that is being computed. tfjs
 * would end that one's tape.
 *
 * @returns undefined for a tensor that the scalar does not depend on
 */
export const separateGradients = (
  f: () => tf.Tensor,
  xs: readonly tf.Tensor[],
): readonly (tf.Tensor | undefined)[] => {
  const engine = currentEngine();
  const { state } = engine;
  const { activeTape, gradientDepth } = state;
  state.activeTape = null;
  state.gradientDepth = 0;
  try {
    return engine.gradients(f, [...xs], undefined, true).grads;
  } finally {
    releaseGradientTape();
    state.activeTape = activeTape;
    state.gradientDepth = gradientDepth;
  }
};

/** A layer that applies another one to each time step. */
export interface TimeDistributedLayer {
  readonly layer: { call: LayerCall };
  call: LayerCall;
}

export const timeDistributedPrototype = (): TimeDistributedLayer => {
  // With names, since tfjs numbers layers without one.
  const inner = tf.layers.flatten({ name: 'prototype_inner' });
  const layer = tf.layers.timeDistributed({ layer: inner, name: 'prototype' });
  assertInternals(layer.getClassName(), layer, ['layer', 'call']);
  return Object.getPrototypeOf(layer) as TimeDistributedLayer;
};

/** The prototype of recurrent layers, which a stateful one shares. */
export const recurrentLayerPrototype = (): { call: LayerCall } => {
  assertInternals('tf.RNN', tf.RNN.prototype, ['call']);
  return tf.RNN.prototype as unknown as { call: LayerCall };
};

type ObservedEngine = ReturnType<typeof tf.engine>;

/** Whether something records the calls of kernels, so that they must go through the engine. */
export const isEngineObserved = (engine: ObservedEngine): boolean =>
  engine.isTapeOn() ||
  engine.state.profiling ||
  tf.env().getBool('DEBUG') ||
  tf.env().getBool('IS_TEST') ||
  // A trace replaces the method of the prototype by its own.
  Object.hasOwn(engine, 'runKernel');
