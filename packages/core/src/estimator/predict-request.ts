import { assertKnownKeys } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { OptionError, PredictArgumentsError } from '../errors';
import type { PredictOptions } from '../rounds/predict';
import type { PredictionForm } from '../rounds/predictions';

/** A parsed call of `predict()`. */
export type PredictRequest =
  | { readonly kind: 'inputFn'; readonly inputFn: () => unknown; readonly options: PredictOptions }
  | {
      readonly kind: 'features';
      /** By name, or in the order of the input signature. */
      readonly features: Readonly<Record<string, unknown>> | readonly unknown[];
      readonly options: PredictOptions;
    };

type Dictionary = Readonly<Record<string, unknown>>;

/** A dictionary, as opposed to a value for one feature: a tensor, an array, or typed values with a shape. */
const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof tf.Tensor) &&
  !('data' in value && 'shape' in value);

const forms: readonly PredictionForm[] = ['array', 'typed', 'tensor'];

const parseOptions = (options: Dictionary): PredictOptions => {
  assertKnownKeys<Dictionary>(
    'predict()',
    options,
    { as: true, isTraining: true },
    (explanation) => new OptionError(explanation),
  );
  const { as, isTraining } = options;
  const form = forms.find((known) => known === as);
  if (as !== undefined && form === undefined) {
    throw new PredictArgumentsError(
      `as: ${JSON.stringify(as)}, which is not 'array', 'typed' or 'tensor'`,
    );
  }
  if (isTraining !== undefined && typeof isTraining !== 'boolean') {
    throw new PredictArgumentsError(`isTraining: ${String(isTraining)}, which is not a boolean`);
  }
  return { as: form, isTraining };
};

/**
 * Distinguishes the forms of `predict()`: `({ inputFn, …options })`, `(features by name, options)` and
 * `(…positional features, options)`. The first argument is never options, so features may have any
 * name, including `as` and `inputFn`.
 *
 * @throws PredictArgumentsError when the arguments fit none of the forms, or several
 * @throws OptionError for an unknown option
 */
export const parsePredictRequest = (args: readonly unknown[]): PredictRequest => {
  const [first, ...rest] = args;
  if (args.length === 0) throw new PredictArgumentsError('none of them');
  if (!isDictionary(first)) {
    const last = rest.at(-1);
    const options = parseOptions(isDictionary(last) ? last : {});
    const features = isDictionary(last) ? args.slice(0, -1) : args;
    if (features.some(isDictionary)) {
      throw new PredictArgumentsError('a dictionary among positional features');
    }
    return { kind: 'features', features, options };
  }
  const [second, ...others] = rest;
  if (others.length > 0 || (second !== undefined && !isDictionary(second))) {
    throw new PredictArgumentsError('a dictionary of features and positional features');
  }
  const options = second ?? {};
  const { inputFn, ...more } = first;
  if (typeof inputFn !== 'function') {
    if (Object.keys(first).length === 0) throw new PredictArgumentsError('an empty dictionary');
    return { kind: 'features', features: first, options: parseOptions(options) };
  }
  const features = Object.keys(more).filter((key) => key !== 'as' && key !== 'isTraining');
  if (features.length > 0) {
    throw new PredictArgumentsError(`{ inputFn } and ${features.join(', ')}`);
  }
  return {
    kind: 'inputFn',
    inputFn: inputFn as () => unknown,
    options: parseOptions({ ...more, ...options }),
  };
};
