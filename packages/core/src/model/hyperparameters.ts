import { didYouMean, listNames } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../errors';
import type { CheckpointTensor } from '../ports';

const hyperparameterNames = [
  'learningRate',
  'momentum',
  'decay',
  'rho',
  'beta1',
  'beta2',
  'epsilon',
] as const;

/** A number that a tfjs optimizer is configured with. */
export type HyperparameterName = (typeof hyperparameterNames)[number];

/** The hyperparameters that an optimizer has, by tfjs's own names. */
export type Hyperparameters = Readonly<Partial<Record<HyperparameterName, number>>>;

/** The inputs of a training step in addition to its batch: numbers by name. */
export type StepScalars = Readonly<Record<string, number>>;

/** The hyperparameters among the fields of an optimizer, or of JSON. */
export const parseHyperparameters = (
  fields: Readonly<Record<string, unknown>>,
): Hyperparameters => {
  const parsed: Partial<Record<HyperparameterName, number>> = {};
  for (const name of hyperparameterNames) {
    const value = fields[name];
    if (typeof value === 'number') parsed[name] = value;
  }
  return parsed;
};

/**
 * Checks new values for some of the hyperparameters.
 *
 * @throws OptionError for a name that the optimizer does not have, or a value that is not a finite number
 */
export const assertHyperparameters = (current: Hyperparameters, changes: Hyperparameters): void => {
  const names = Object.keys(current);
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(current, name)) {
      throw new OptionError({
        subject: `hyperparameter "${name}"`,
        expected: `one of the optimizer's: ${listNames(names, names.length)}`,
        actual: `"${name}"`,
        fix: names.length === 0 ? 'This optimizer exposes none.' : didYouMean(name, names),
      });
    }
    if (!Number.isFinite(value)) {
      throw new OptionError({
        subject: `hyperparameter "${name}"`,
        expected: 'a finite number',
        actual: String(value),
        fix: 'Pass a number, such as 0.001.',
      });
    }
  }
};

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The prefix of a step's scalars in a graph, and of hyperparameters in a checkpoint. */
export const SCALAR_PREFIX = 'optimizer/';

/**
 * The scalars that a training step takes: the hyperparameters as `learning_rate`, `beta1` …, and the
 * complements of decay rates as `one_minus_beta1` …, which are computed in float64, as tfjs does.
 */
export const stepScalars = (hyperparameters: Hyperparameters): StepScalars => {
  const scalars: Record<string, number> = {};
  for (const name of hyperparameterNames) {
    const value = hyperparameters[name];
    if (value === undefined) continue;
    scalars[snakeCase(name)] = value;
    if (name === 'beta1' || name === 'beta2' || name === 'rho' || name === 'decay') {
      scalars[`one_minus_${name}`] = 1 - value;
    }
  }
  return scalars;
};

/** The hyperparameters as tensors of a checkpoint: float64 scalars such as `optimizer/learning_rate`. */
export const hyperparameterTensors = (hyperparameters: Hyperparameters): CheckpointTensor[] =>
  Object.entries(hyperparameters).map(([name, value]) => ({
    name: SCALAR_PREFIX + snakeCase(name),
    dtype: 'float64',
    shape: [],
    data: Float64Array.of(value),
  }));

const keys = new Map(hyperparameterNames.map((name) => [SCALAR_PREFIX + snakeCase(name), name]));

/** Whether a checkpoint's tensor holds a hyperparameter. */
export const isHyperparameterTensor = ({ name, dtype }: CheckpointTensor): boolean =>
  keys.has(name) && dtype === 'float64';

/**
 * The hyperparameters that a checkpoint holds.
 *
 * @param current those of the optimizer that restores it
 * @returns undefined if the checkpoint holds none, or those of an optimizer of another kind
 */
export const savedHyperparameters = (
  tensors: Iterable<CheckpointTensor>,
  current: Hyperparameters,
): Hyperparameters | undefined => {
  const saved: Partial<Record<HyperparameterName, number>> = {};
  for (const tensor of tensors) {
    const name = keys.get(tensor.name);
    if (name !== undefined && isHyperparameterTensor(tensor)) saved[name] = Number(tensor.data[0]);
  }
  const isSameKind =
    Object.keys(saved).length === Object.keys(current).length &&
    Object.keys(saved).every((name) => Object.hasOwn(current, name));
  return isSameKind && Object.keys(saved).length > 0 ? saved : undefined;
};

/** A step's scalars as tensors, which are uploaded again only when a value changes. */
export class ScalarTensors {
  readonly #tensors = new Map<string, { readonly value: number; readonly tensor: tf.Scalar }>();

  /** @returns tensors that stay valid until the next call; they belong to this object */
  of(scalars: StepScalars): Readonly<Record<string, tf.Scalar>> {
    const tensors: Record<string, tf.Scalar> = {};
    for (const name in scalars) {
      const value = scalars[name] ?? 0;
      let entry = this.#tensors.get(name);
      if (entry === undefined || !Object.is(entry.value, value) || entry.tensor.isDisposed) {
        entry?.tensor.dispose();
        entry = { value, tensor: tf.keep(tf.scalar(value)) };
        this.#tensors.set(name, entry);
      }
      tensors[name] = entry.tensor;
    }
    return tensors;
  }

  dispose(): void {
    for (const { tensor } of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
