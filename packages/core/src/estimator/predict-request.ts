import * as tf from '@tensorflow/tfjs';
import { PredictArgumentsError } from '../errors';
import type { InputFn } from './input-source';
import type { PredictOptions } from './options';

/** What `predict()` was asked for. */
export type PredictRequest =
  | { readonly kind: 'inputFn'; readonly inputFn: InputFn; readonly options: PredictOptions }
  | {
      readonly kind: 'features';
      /** By name, or in the order of the input signature. */
      readonly features: Readonly<Record<string, unknown>> | readonly unknown[];
      readonly options: PredictOptions;
    };

type Dictionary = Readonly<Record<string, unknown>>;

/** A dictionary, as against a value for one feature: a tensor, an array, or typed values with a shape. */
const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof tf.Tensor) &&
  !('data' in value && 'shape' in value);

const isOptions = (value: unknown): value is PredictOptions =>
  isDictionary(value) &&
  Object.keys(value).length > 0 &&
  Object.keys(value).every((key) => key === 'as' || key === 'isTraining');

const checkOptions = (options: PredictOptions): PredictOptions => {
  if (options.as === undefined || ['array', 'typed', 'tensor'].includes(options.as)) return options;
  throw new PredictArgumentsError(
    `as: ${JSON.stringify(options.as)}, which is none of 'array', 'typed', 'tensor'`,
  );
};

/**
 * Tells the three forms of `predict()` apart.
 *
 * @throws PredictArgumentsError when there is none, or more than one
 */
export const parsePredictRequest = (args: readonly unknown[]): PredictRequest => {
  const last = args.at(-1);
  const options = checkOptions(isOptions(last) ? last : {});
  const given = isOptions(last) ? args.slice(0, -1) : args;
  const [first] = given;
  if (given.length === 0) throw new PredictArgumentsError('none of them');
  if (!given.some(isDictionary)) return { kind: 'features', features: given, options };
  if (given.length > 1 || !isDictionary(first)) {
    throw new PredictArgumentsError('a dictionary beside other arguments');
  }
  const { inputFn, as, isTraining, ...features } = first;
  if (typeof inputFn === 'function') {
    if (Object.keys(features).length > 0) {
      throw new PredictArgumentsError(`{ inputFn } and ${Object.keys(features).join(', ')}`);
    }
    const own = checkOptions({
      ...(as !== undefined && { as: as as PredictOptions['as'] }),
      ...(isTraining !== undefined && { isTraining: isTraining as boolean }),
    });
    return { kind: 'inputFn', inputFn: inputFn as InputFn, options: { ...options, ...own } };
  }
  if (Object.keys(first).length === 0) throw new PredictArgumentsError('an empty dictionary');
  return { kind: 'features', features: first, options };
};
