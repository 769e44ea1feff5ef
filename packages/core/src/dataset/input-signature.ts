import type * as tf from '@tensorflow/tfjs';
import { DatasetError } from './errors';

/** The dtype and shape of a tensor, known before the tensor exists. */
export interface TensorSpec {
  readonly dtype: tf.DataType;
  /** null for a dimension that varies between tensors, such as the batch dimension. */
  readonly shape: readonly (number | null)[];
}

/** The specs of a batch's features by name, in the order of the dataset. */
export type InputSignature = Readonly<Record<string, TensorSpec>>;

/** The parts of a batch that a signature describes. */
interface Features {
  readonly keys: readonly string[];
  spec(key: string): TensorSpec;
}

/** Formats a shape for messages: `[null,784]`. */
export const formatShape = (shape: readonly (number | null)[]): string =>
  `[${shape.map((dimension) => String(dimension)).join(',')}]`;

/** Formats a spec for messages: `float32 [null,784]`. */
export const formatSpec = ({ dtype, shape }: TensorSpec): string =>
  `${dtype} ${formatShape(shape)}`;

/** Whether a shape matches another in which null allows any size. */
export const shapeFits = (
  actual: readonly (number | null)[],
  expected: readonly (number | null)[],
): boolean =>
  actual.length === expected.length &&
  expected.every((dimension, axis) => dimension === null || dimension === actual[axis]);

/** The signature of a batch. The first dimension of each feature, the batch dimension, becomes null. */
export const signatureOf = (batch: Features): InputSignature =>
  Object.fromEntries(
    batch.keys.map((key) => {
      const { dtype, shape } = batch.spec(key);
      return [key, { dtype, shape: shape.map((size, axis) => (axis === 0 ? null : size)) }];
    }),
  );

/**
 * Checks that all features of a batch that have a first dimension have the same number of examples.
 *
 * @param subject what the batch is, for messages: `trainInputFn, batch 17`
 * @throws DatasetError that names the feature with another number of examples
 */
export const assertSameSize = (batch: Features, subject: string): void => {
  let first: string | undefined;
  let expected: number | null | undefined;
  for (const key of batch.keys) {
    const spec = batch.spec(key);
    const [size] = spec.shape;
    if (size === undefined || size === expected) continue;
    if (first === undefined) {
      first = key;
      expected = size;
      continue;
    }
    throw new DatasetError({
      subject: `${subject}, feature "${key}"`,
      expected: `${expected} examples, as in feature "${first}"`,
      actual: `${size}, in ${formatSpec(spec)}`,
      fix: 'The first dimension of every feature is the batch: repeat what is the same for all examples, and call .batch(n) on a dataset of single examples.',
    });
  }
};

/**
 * Checks that elements are batches of examples, as far as their shapes show it.
 *
 * @param options.lacksBatch whether they come from a Dataset on which batch() was not called
 * @throws DatasetError if all features are scalars, or some are and `lacksBatch` is set
 */
export const assertBatched = (
  batch: Features,
  subject: string,
  { lacksBatch }: { readonly lacksBatch: boolean },
): void => {
  const scalars = batch.keys.filter((key) => batch.spec(key).shape.length === 0);
  if (scalars.length === 0 || (scalars.length < batch.keys.length && !lacksBatch)) return;
  throw new DatasetError({
    subject: `${subject}, feature "${scalars[0]}"`,
    expected: 'a batch, whose first dimension is the number of examples',
    actual: 'a scalar, so that the element is a single example',
    fix: 'Call .batch(n) on the dataset.',
  });
};

/**
 * Checks that a batch has the features, dtypes and shapes of a signature.
 *
 * @param subject what the batch is, for messages: `trainInputFn, batch 17`
 * @param options.allowMissing whether a batch may lack some of the features. False by default.
 * @throws DatasetError that names the feature that is missing or unexpected, or whose dtype or shape differs
 */
export const assertBatch = (
  batch: Features,
  signature: InputSignature,
  subject: string,
  { allowMissing = false }: { readonly allowMissing?: boolean } = {},
): void => {
  const { keys } = batch;
  const expectedKeys = Object.keys(signature);
  const isExpected = keys.every((key) => Object.hasOwn(signature, key));
  if (!isExpected || (!allowMissing && keys.length !== expectedKeys.length)) {
    throw new DatasetError({
      subject,
      expected: `${allowMissing ? 'only the' : 'the'} features ${expectedKeys.join(', ')}`,
      actual: keys.join(', '),
      fix: 'Every batch must have the same features.',
    });
  }
  for (const key of keys) {
    const expected = signature[key];
    const actual = batch.spec(key);
    if (!expected) continue;
    if (actual.dtype === expected.dtype && shapeFits(actual.shape, expected.shape)) continue;
    throw new DatasetError({
      subject: `${subject}, feature "${key}"`,
      expected: formatSpec(expected),
      actual: formatSpec(actual),
      fix: otherForm(key, actual, expected),
    });
  }
};

/** How to proceed with a feature that is not of the form of the first batch. */
const otherForm = (key: string, actual: TensorSpec, { dtype, shape }: TensorSpec): string => {
  if (actual.dtype !== dtype) return `Cast the feature to ${dtype} in the input function.`;
  if (actual.shape.length !== shape.length) return 'All batches need the same rank.';
  const open = shape.map((size, axis) => (size === actual.shape[axis] ? size : null));
  return `If it may vary between batches, declare that: setup({ inputShapes: { ${JSON.stringify(key)}: ${formatShape(open)} } }). If not, pad or resize the feature in the input function.`;
};

/**
 * The signature of elements that come from either of two datasets. A dimension that differs becomes null.
 *
 * @returns undefined if one of the signatures is unknown, or ranks differ
 * @throws DatasetError if the members have different names or dtypes
 */
export const mergeSignatures = (
  first: InputSignature | undefined,
  second: InputSignature | undefined,
): InputSignature | undefined => {
  if (!first || !second) return undefined;
  const keys = Object.keys(first);
  if (keys.join() !== Object.keys(second).join()) {
    throw new DatasetError({
      subject: 'concatenate(other)',
      expected: `elements with the members ${keys.join(', ')}`,
      actual: Object.keys(second).join(', '),
      fix: 'Both datasets must have the same members in the same order; map() can change them.',
    });
  }
  const merged: Record<string, TensorSpec> = {};
  for (const key of keys) {
    const [a, b] = [first[key], second[key]];
    if (!a || !b || a.shape.length !== b.shape.length) return undefined;
    if (a.dtype !== b.dtype) {
      throw new DatasetError({
        subject: `concatenate(other), member "${key}"`,
        expected: formatSpec(a),
        actual: formatSpec(b),
        fix: 'Cast one of them with map().',
      });
    }
    const shape = a.shape.map((size, axis) => (size === b.shape[axis] ? size : null));
    merged[key] = { dtype: a.dtype, shape };
  }
  return merged;
};
