import { mixSeed } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall, type ModelCall } from '../model/model-call';
import { defaultInitializers, seedInitializers } from './initializers';
import { isAutomaticName, weightNames } from './variable-names';

/** What a layer takes: a tensor, or several for layers that merge or have state. */
export type LayerInput = tf.Tensor | tf.Tensor[];

/** What every call of a layer may say beside the layer's own configuration. */
export interface CallOptions {
  /** Whether the layer behaves as in training; the model function's own `isTraining` by default. */
  readonly training?: boolean | undefined;
  /** Which time steps count, for layers that take a mask. */
  readonly mask?: tf.Tensor | undefined;
  /** Share the variables of the layer of this name that this call used already. */
  readonly reuse?: boolean | undefined;
  /** The layer's name within its scope, instead of the kind with a number. */
  readonly name?: string | undefined;
}

type LayerConfig = Readonly<Record<string, unknown>>;

/** Splits what a layer is configured with from what one call of it says. */
const splitOptions = <C extends CallOptions>(options: C) => {
  const { training, mask, reuse, name, ...config } = options;
  return { training, mask, reuse, name, config: config as LayerConfig };
};

/** A text that is the same for equal configurations; objects of tfjs count by their class. */
const fingerprint = (config: LayerConfig): string =>
  JSON.stringify(config, (key, value: unknown) =>
    key !== '' && typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value.constructor.name
      : value,
  );

/** The layers within a model down to each weight, outermost first: freezing any of them freezes it. */
const ownersOf = (layer: tf.layers.Layer): Map<tf.LayerVariable, readonly tf.layers.Layer[]> => {
  const owners = new Map<tf.LayerVariable, readonly tf.layers.Layer[]>();
  const visit = (visited: tf.layers.Layer, outer: readonly tf.layers.Layer[]): void => {
    const path = [...outer, visited];
    for (const weight of visited.weights) owners.set(weight, path);
    if (visited instanceof tf.LayersModel) for (const inner of visited.layers) visit(inner, path);
  };
  visit(layer, []);
  return owners;
};

/** LayerVariable keeps its tf.Variable in a field that its declaration marks protected. */
const variableOf = (weight: tf.LayerVariable): tf.Variable =>
  (weight as unknown as { val: tf.Variable }).val;

/** Adds the layer's weights to the store, once they exist. */
const registerWeights = (
  call: ModelCall,
  layer: tf.layers.Layer,
  root: string,
  owned: boolean,
): void => {
  const names = weightNames(layer, root);
  const owners = ownersOf(layer);
  const known = new Set(call.store.all().map(({ variable }) => variable));
  layer.weights.forEach((weight, index) => {
    const name = names[index] ?? weight.originalName;
    const variable = variableOf(weight);
    // A layer of a model that was applied before: its variables have their names already.
    if (known.has(variable)) return;
    const path = owners.get(weight) ?? [layer];
    const isTrainable = () => weight.trainable && path.every((owner) => owner.trainable);
    // Writing a weight, if it be its own value, applies its constraint.
    const { constraint } = weight as unknown as { constraint: unknown };
    const write = () => tf.tidy(() => void weight.write(weight.read().clone()));
    const constrain = constraint ? write : undefined;
    call.store.add({ name, variable, isTrainable, owned, constrain });
  });
};

/** The tidy's name is the scope that a graph puts the layer's operations in. */
const applyTo = (
  layer: tf.layers.Layer,
  scope: string,
  input: LayerInput,
  training: boolean,
  mask: tf.Tensor | undefined,
): tf.Tensor =>
  tf.tidy(scope, () => {
    const output = layer.apply(input, { training, ...(mask && { mask }) });
    // A concrete input gives a concrete output; only layers with `returnState` give several.
    return (Array.isArray(output) ? output[0] : output) as tf.Tensor;
  });

/** Some layers insist on the batch size that they were built with; the next batch may be smaller. */
const openBatchDimension = (layer: tf.layers.Layer): void => {
  for (const spec of layer.inputSpec ?? []) {
    // A new array: this one may be a tensor's own shape.
    if (spec.shape) spec.shape = [null, ...spec.shape.slice(1)];
  }
};

/** A layer makes its weights when it is first applied; not in training, so that none is updated yet. */
const makeWeights = (
  call: ModelCall,
  name: string,
  layer: tf.layers.Layer,
  input: LayerInput,
  mask: tf.Tensor | undefined,
): void => {
  try {
    tf.tidy(() => {
      applyTo(layer, name, input, false, mask);
    });
    openBatchDimension(layer);
    if (layer.weights.length > 0) call.store.assertMakeable(name);
  } catch (error) {
    for (const weight of layer.weights) variableOf(weight).dispose();
    throw error;
  }
};

const claimName = (call: ModelCall, kind: string, name: string | undefined, reuse: boolean) => {
  if (reuse && name === undefined) {
    throw new ModelFnError({
      subject: `layers.${kind}() with reuse`,
      expected: 'the name of the layer to share',
      actual: 'no name',
      fix: "Name both: { name: 'shared' } first, { name: 'shared', reuse: true } then.",
    });
  }
  const fullName = name === undefined ? call.nextName(kind) : call.scope + name;
  if (!call.claim(fullName) && !reuse && !call.reuse) {
    throw new ModelFnError({
      subject: `layer "${fullName}"`,
      expected: 'one use in each call of the model function',
      actual: 'a second one',
      fix: 'Give it another name, or share its variables with { reuse: true }.',
    });
  }
  return fullName;
};

/** State that a layer carries from batch to batch would not be in checkpoints. */
const refuseState = (name: string, { stateful }: LayerConfig): void => {
  if (!stateful) return;
  throw new ModelFnError({
    subject: `layer "${name}"`,
    expected: 'a layer without state between batches',
    actual: 'stateful: true',
    fix: 'Leave it out, and keep the state in getVariable().',
  });
};

/**
 * Applies the layer of this kind that stands here in the model function: made at the first call of
 * the model function, the same layer with the same variables afterwards.
 *
 * @param kind TensorFlow 1's name for such layers, as `conv2d`
 * @throws ModelFnError when a name is used twice, or a later call configures the layer differently
 */
export const applyLayer = <C>(
  kind: string,
  factory: (config: C) => tf.layers.Layer,
  input: LayerInput,
  options: CallOptions,
): tf.Tensor => {
  const call = currentModelCall(`layers.${kind}()`);
  const { training = call.isTraining, mask, reuse = false, name, config } = splitOptions(options);
  const fullName = claimName(call, kind, name, reuse);
  const print = fingerprint(config);
  const existing = call.store.layer(fullName);
  if (existing !== undefined) {
    const made = call.store.layerConfig(fullName);
    if (made !== print) {
      throw new ModelFnError({
        subject: `layer "${fullName}"`,
        expected: `the configuration it was made with, ${made}`,
        actual: print,
        fix: 'Configure a layer the same in every call, or give the two different names.',
      });
    }
    return applyTo(existing, fullName, input, training, mask);
  }
  refuseState(fullName, config);
  const layer = factory({ ...defaultInitializers[kind], ...config, name: fullName } as C);
  seedInitializers(layer, mixSeed(call.store.seed, fullName));
  makeWeights(call, fullName, layer, input, mask);
  call.store.addLayer(fullName, layer, print);
  registerWeights(call, layer, fullName, true);
  return applyTo(layer, fullName, input, training, mask);
};

const snakeCase = (className: string): string =>
  className.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/**
 * Applies a layer or model of your own: a `tf.sequential`, `tf.model`, `tf.loadLayersModel` result or
 * any tfjs-layers layer, made outside the model function. Its variables train and are saved with the
 * rest, and stay yours to dispose. Applied again, it shares them.
 *
 * @returns its first output
 * @throws ModelFnError when the layer was made in the model function, anew in each call
 */
export const apply = (
  layer: tf.layers.Layer,
  input: LayerInput,
  { training, mask, reuse = false, name }: CallOptions = {},
): tf.Tensor => {
  const call = currentModelCall('layers.apply()');
  let scope = call.store.appliedName(layer);
  if (scope === undefined) {
    const given = name ?? (isAutomaticName(layer.name) ? undefined : layer.name);
    scope = claimName(call, snakeCase(layer.getClassName()), given, reuse);
    if (!layer.built) makeWeights(call, scope, layer, input, mask);
    if (layer.weights.length > 0) {
      // One that is made anew in each call would start from other values each time.
      call.store.assertMakeable(scope);
      registerWeights(call, layer, scope, false);
      call.store.addApplied(layer, scope);
    }
  }
  return applyTo(layer, scope, input, training ?? call.isTraining, mask);
};
