import { mixSeed } from '@elistimator/graph';
import { checkedFunction, type Kind, options, required } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { layersWithin } from '../scope/inner-layers';
import { currentModelCall, type ModelCall } from '../scope/model-call';
import { variableOf } from '../scope/tfjs-internals';
import { defaultInitializers, seedInitializers } from './initializers';
import { callKeys, layerInput } from './layer-arguments';
import type { LayerCallOptions, LayerInput, OptionsFor } from './layer-types';
import { type Application, applyTo, assertTakesMask, warnOfLostMask } from './run-layer';
import { isAutomaticName, weightNames } from './variable-names';

type LayerConfig = Readonly<Record<string, unknown>>;

/** Text that is equal for equal configurations; tfjs objects count by their class. */
const fingerprint = (config: LayerConfig): string =>
  JSON.stringify(config, (key, value: unknown) =>
    key !== '' && typeof value === 'object' && value !== null && !Array.isArray(value)
      ? value.constructor.name
      : value,
  );

/** Copies the arrays of a configuration, since some layers of tfjs write into them. */
const copyArrays = (config: LayerConfig): LayerConfig =>
  Object.fromEntries(
    Object.entries(config).map(([option, value]) => [
      option,
      Array.isArray(value) ? [...value] : value,
    ]),
  );

/** For each weight, the layers that contain it, outermost first: freezing any of them freezes it. */
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

/**
 * Adds the layer's weights to the store.
 *
 * @param owned whether the store disposes them
 */
const registerWeights = (
  call: ModelCall,
  layer: tf.layers.Layer,
  root: string,
  owned: boolean,
): void => {
  const names = weightNames(layer, root);
  const owners = ownersOf(layer);
  const registered = new Set(call.store.all().map(({ variable }) => variable));
  layer.weights.forEach((weight, index) => {
    const name = names[index] ?? weight.originalName;
    const variable = variableOf(weight);
    // A layer of a model that was applied earlier.
    if (registered.has(variable)) return;
    const path = owners.get(weight) ?? [layer];
    const isTrainable = () => weight.trainable && path.every((owner) => owner.trainable);
    const { constraint } = weight as unknown as { constraint: unknown };
    // Writing any value to a weight applies its constraint.
    const rewrite = () => tf.tidy(() => void weight.write(weight.read().clone()));
    const constrain = constraint ? rewrite : undefined;
    call.store.add({ name, variable, isTrainable, owned, constrain });
  });
};

/** Allows other batch sizes than the first: some layers require the size that they were built with. */
const openBatchDimension = (layer: tf.layers.Layer): void => {
  for (const { inputSpec } of layersWithin(layer)) {
    for (const spec of inputSpec ?? []) {
      // Not in place: the array may be the shape of a tensor.
      if (spec.shape) spec.shape = [null, ...spec.shape.slice(1)];
    }
  }
};

/** Applies the layer once, so that it creates its weights; not in training, so that none is updated. */
const createWeights = (application: Application): void => {
  const { call, layer, name } = application;
  assertTakesMask(application);
  try {
    tf.tidy(() => {
      applyTo(application, false);
    });
    openBatchDimension(layer);
    if (layer.weights.length > 0) call.store.assertCanCreate(name);
  } catch (error) {
    for (const weight of layer.weights) variableOf(weight).dispose();
    throw error;
  }
  warnOfLostMask(application);
};

/** Returns the layer's full name, after marking it as used in this call. */
const claimName = (
  call: ModelCall,
  kind: string,
  name: string | undefined,
  reuse: boolean,
): string => {
  if (reuse && name === undefined) {
    throw new ModelFnError({
      subject: `layers.${kind}() with "reuse"`,
      expected: 'the "name" of the layer to share',
      actual: 'no name',
      fix: "Name both: { name: 'shared' } in the first call, { name: 'shared', reuse: true } in the second.",
    });
  }
  const fullName = name === undefined ? call.nextName(kind) : call.scope + name;
  if (!call.claim(fullName) && !reuse && !call.reuse) {
    throw new ModelFnError({
      subject: `layer "${fullName}"`,
      expected: 'one use per call of the model function',
      actual: 'a second use',
      fix: 'Choose another name, or share its variables with { reuse: true }.',
    });
  }
  return fullName;
};

/** State that a layer keeps between batches would be missing in checkpoints. */
const assertStateless = (name: string, { stateful }: LayerConfig): void => {
  if (!stateful) return;
  throw new ModelFnError({
    subject: `layer "${name}"`,
    expected: 'a layer that keeps no state between batches',
    actual: 'stateful: true',
    fix: 'Remove "stateful", and keep the state in variables of getVariable().',
  });
};

const assertSameConfig = (name: string, expected: string | undefined, actual: string): void => {
  if (actual === expected) return;
  throw new ModelFnError({
    subject: `layer "${name}"`,
    expected: `the configuration of the first call, ${expected}`,
    actual,
    fix: 'Configure a layer the same way in every call, or use two layers with different names.',
  });
};

/**
 * Applies the layer of this name: created in the first call of the model function, and reused with the
 * same variables in later calls.
 *
 * @param kind the name that TensorFlow 1 gives such layers, such as `conv2d`
 * @param factory creates the layer from a configuration, such as `tf.layers.conv2d`
 * @throws OutsideModelFnError when no model function is running
 * @throws ModelFnError when a name is used twice, a later call changes the configuration, or a layer is
 *   created after the model was built
 */
export const applyLayer = <Config>(
  kind: string,
  factory: (config: Config) => tf.layers.Layer,
  input: LayerInput,
  layerOptions: OptionsFor<Config>,
): tf.Tensor => {
  const call = currentModelCall(`layers.${kind}()`);
  const { training = call.isTraining, mask, reuse = false, name, ...config } = layerOptions;
  const fullName = claimName(call, kind, name, reuse);
  const configText = fingerprint(config);
  const existing = call.store.layer(fullName);
  if (existing !== undefined) {
    assertSameConfig(fullName, call.store.layerConfig(fullName), configText);
    return applyTo({ call, layer: existing, name: fullName, input, mask }, training);
  }
  assertStateless(fullName, config);
  const layerConfig = { ...defaultInitializers[kind], ...copyArrays(config), name: fullName };
  const layer = factory(layerConfig as Config);
  seedInitializers(layer, mixSeed(call.store.seed, fullName));
  const application = { call, layer, name: fullName, input, mask };
  createWeights(application);
  call.store.addLayer(fullName, layer, configText);
  registerWeights(call, layer, fullName, true);
  return applyTo(application, training);
};

const layerKind: Kind = {
  expected: 'a layer or model of tfjs-layers',
  accepts: (value) => value instanceof tf.layers.Layer,
};

const snakeCase = (className: string): string =>
  className.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/**
 * Applies a layer or model that you created outside the model function: any tfjs-layers layer, or the
 * result of `tf.sequential`, `tf.model` or `tf.loadLayersModel`.
 *
 * Its variables are trained and saved with the rest of the model, under names that are the same in
 * every process: `name/…`, where inner layers that you did not name are numbered as in TensorFlow 1.
 * They remain yours: dispose them when the estimator is closed. A layer that is applied again shares
 * its variables.
 *
 * @param layer a layer that is created once, not in each call of the model function
 * @param input the tensor, or the tensors if the model has several inputs
 * @param options.training whether the layer behaves as in training. Default: the `isTraining` of the
 *   model function
 * @param options.mask the time steps that count, [batch, time]. Default: all
 * @param options.name the name in the variable scope. Default: the layer's own name, or its class if
 *   you gave it none, such as `sequential`
 * @param options.reuse allow a name that this call has already used. Default: false
 * @returns the first output
 * @throws OutsideModelFnError when no model function is running
 * @throws ModelFnError when a name is used twice, or the layer was created inside the model function
 *
 * @example
 * const base = await tf.loadLayersModel(url);
 * const modelFn = (features) => {
 *   const embedded = layers.apply(base, features.image);
 *   // …
 * };
 */
export const apply = checkedFunction(
  'layers.apply()',
  {
    layer: required(layerKind),
    input: required(layerInput),
    options: options<LayerCallOptions>(callKeys),
  },
  (
    layer: tf.layers.Layer,
    input: LayerInput,
    { training, mask, reuse = false, name }: LayerCallOptions = {},
  ): tf.Tensor => {
    const call = currentModelCall('layers.apply()');
    let scope = call.store.appliedName(layer);
    if (scope === undefined) {
      const layerName = name ?? (isAutomaticName(layer.name) ? undefined : layer.name);
      scope = claimName(call, snakeCase(layer.getClassName()), layerName, reuse);
      assertTakesMask({ call, layer, name: scope, input, mask });
      if (!layer.built) createWeights({ call, layer, name: scope, input, mask });
      if (layer.weights.length > 0) {
        // A layer created in each call would start from new values each time.
        call.store.assertCanCreate(scope);
        registerWeights(call, layer, scope, false);
        call.store.addApplied(layer, scope);
      }
    } else if (call.claim(scope) && name === undefined && isAutomaticName(layer.name)) {
      // Takes the number that it took in the first call, so that later layers are numbered alike.
      call.nextName(snakeCase(layer.getClassName()));
    }
    return applyTo({ call, layer, name: scope, input, mask }, training ?? call.isTraining);
  },
);
