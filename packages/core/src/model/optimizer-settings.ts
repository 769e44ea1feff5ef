import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../errors';
import { parseHyperparameters } from './hyperparameters';

/*
 * Settings of tfjs's optimizers may be assigned at any time, by their setters or as fields. tfjs itself
 * overlooks some of that, because it computes tensors from the settings in a constructor.
 */

type Fields = Record<string, unknown>;

const fieldsOf = (optimizer: tf.Optimizer): Fields => optimizer as unknown as Fields;

/** The tensors that SGD and momentum compute in their constructors, as functions of the settings. */
const tensorsOf = {
  c: ({ learningRate }: Fields) => -Number(learningRate),
  m: ({ momentum }: Fields) => Number(momentum),
} as const;

/**
 * Runs tfjs's own update with tensors of the current settings: its `setMomentum()`, for one, assigns a
 * field that the update does not read.
 */
export const withCurrentTensors = (optimizer: tf.Optimizer, update: () => void): void => {
  const fields = fieldsOf(optimizer);
  const replaced = Object.entries(tensorsOf).flatMap(([name, of]) => {
    const original = fields[name];
    if (!(original instanceof tf.Tensor)) return [];
    const current = tf.keep(tf.scalar(of(fields)));
    fields[name] = current;
    return [{ name, original, current }];
  });
  try {
    update();
  } finally {
    for (const { name, original, current } of replaced) {
      // The update may have called a setter, which disposed of `current` and put another in its place.
      if (fields[name] === current) fields[name] = original;
      else original.dispose();
      if (!current.isDisposed) current.dispose();
    }
  }
};

/** What an update is made of, apart from numbers: another value makes another graph. */
export const structureOf = (optimizer: tf.Optimizer): string =>
  fieldsOf(optimizer).useNesterov === true ? 'nesterov' : '';

/** Checks that the settings of an optimizer stay valid. */
export class SettingsCheck {
  readonly #fields: Fields;
  readonly #names: readonly string[];
  readonly #isCentered: unknown;

  constructor(optimizer: tf.Optimizer) {
    this.#fields = fieldsOf(optimizer);
    this.#names = Object.keys(parseHyperparameters(this.#fields));
    this.#isCentered = this.#fields.centered;
  }

  /** @throws OptionError when a number is none any more, or when RMSProp's `centered` has changed */
  assertValid(): void {
    const { centered } = this.#fields;
    for (const name of this.#names) {
      const value = this.#fields[name];
      if (typeof value === 'number') continue;
      throw new OptionError({
        subject: `"${name}" of the optimizer`,
        expected: 'a number',
        actual: value instanceof tf.Tensor ? 'a tensor' : `${typeof value} ${String(value)}`,
        fix: 'Assign a number, such as 0.001.',
      });
    }
    if (centered === this.#isCentered) return;
    throw new OptionError({
      subject: '"centered" of the optimizer',
      expected: `${this.#isCentered}, as when the model was built`,
      actual: String(centered),
      fix: 'Create another estimator: a centered optimizer keeps other variables.',
    });
  }
}
