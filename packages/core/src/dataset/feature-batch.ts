import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { UnknownFeatureError } from '../errors';
import { type Batch, batchOf } from './batch';
import { isTensor, type Member } from './element';
import { DatasetError } from './errors';
import { disposedError, isDisposed } from './hand-over';
import { type HostArray, hostArrayOf, isNumericArray } from './host-array';
import {
  assertSameSize,
  formatShape,
  formatSpec,
  type InputSignature,
  shapeFits,
  type TensorSpec,
} from './input-signature';

/**
 * Makes a batch of the features that a user passed for a single call, converted to the dtypes of a
 * signature. Conversions that lose information are errors. The user's tensors stay the user's.
 *
 * @param features by name, or in the order of the signature; some may be missing. Each is a tensor, a
 *   typed array (its shape follows from the signature: 784 values are one row of [null,784]),
 *   `{ data, shape }`, or nested numbers, booleans or strings.
 * @throws UnknownFeatureError if the signature does not have a feature of this name
 * @throws DatasetError that names the feature whose rank, shape or dtype does not match the signature, that
 *   was disposed, or that has another number of examples than the others
 */
export const batchOfFeatures = (
  features: Readonly<Record<string, unknown>> | readonly unknown[],
  signature: InputSignature,
): Batch => {
  const names = Object.keys(signature);
  const positional = Array.isArray(features);
  const keys: string[] = [];
  const members: Member[] = [];
  const casts: tf.Tensor[] = [];
  try {
    for (const [key, value] of Object.entries(features)) {
      const name = (positional ? names[Number(key)] : key) ?? key;
      const spec = Object.hasOwn(signature, name) ? signature[name] : undefined;
      if (!spec) throw new UnknownFeatureError(name, names);
      if (isDisposed(value)) {
        throw disposedError(`feature "${name}"`, 'Dispose it after the call has settled.');
      }
      const member = isTensor(value) ? ofTensor(value, spec, name) : ofValue(value, spec, name);
      keys.push(name);
      members.push(member);
      if (isTensor(member) && member !== value) casts.push(member);
    }
  } catch (error) {
    tf.dispose(casts);
    throw error;
  }
  const isBorrowed = (tensor: tf.Tensor) => !casts.includes(tensor);
  const layout = { keys, positional: false };
  const batch = batchOf({ layout, members }, 'features', { isBorrowed });
  try {
    assertSameSize(batch, 'features');
  } catch (error) {
    batch.dispose();
    throw error;
  }
  return batch;
};

const mismatch = (
  name: string,
  spec: TensorSpec,
  actual: string,
  shape: readonly number[] | undefined,
): DatasetError => {
  const sizes = spec.shape.map((size) => size ?? 1);
  const lacksBatchDimension = shape && spec.shape.length === shape.length + 1;
  const varies = spec.shape.some((size) => size === null);
  return new DatasetError({
    subject: `feature "${name}"`,
    expected: formatSpec(spec),
    actual,
    fix: lacksBatchDimension
      ? `Keep the batch dimension: slice([${sizes.map(() => 0)}], [${[1, ...shape]}]) returns a batch of one, and x.expandDims(0) makes one.`
      : `Pass shape ${formatShape(spec.shape)}${varies ? ', with any size for null,' : ''} and dtype ${spec.dtype}. Other dimensions that vary are declared by "inputShapes" of setup().`,
  });
};

/** Whether a cast loses no information. */
const widens = (from: string, to: string): boolean =>
  (from === 'bool' && (to === 'int32' || to === 'float32')) ||
  (from === 'int32' && to === 'float32');

const ofTensor = (tensor: tf.Tensor, spec: TensorSpec, name: string): tf.Tensor => {
  const { dtype, shape } = tensor;
  if (!shapeFits(shape, spec.shape) || !(dtype === spec.dtype || widens(dtype, spec.dtype))) {
    throw mismatch(name, spec, formatSpec(tensor), shape);
  }
  return dtype === spec.dtype ? tensor : tf.keep(tf.cast(tensor, spec.dtype));
};

const ofValue = (value: unknown, spec: TensorSpec, name: string): HostArray => {
  const host = hostArrayOf(value, `feature "${name}"`);
  const shape = isNumericArray(value) ? inferShape(value.length, spec.shape) : host.shape;
  const converted = convert(host, spec);
  if (!converted || !shape || !shapeFits(shape, spec.shape)) {
    const actual = isNumericArray(value)
      ? `a flat array of ${value.length} values`
      : formatSpec(host);
    throw mismatch(name, spec, actual, isNumericArray(value) ? undefined : host.shape);
  }
  return { ...converted, shape };
};

/** The shape of flat values if at most one dimension is unknown; undefined if they do not fill it. */
const inferShape = (
  length: number,
  expected: readonly (number | null)[],
): readonly number[] | undefined => {
  const unknownDimensions = expected.filter((size) => size === null).length;
  const knownSize = sizeOf(expected.map((size) => size ?? 1));
  if (unknownDimensions > 1) return undefined;
  if (unknownDimensions === 0 && length !== knownSize) return undefined;
  const missing = knownSize === 0 ? 0 : length / knownSize;
  return Number.isInteger(missing) ? expected.map((size) => size ?? missing) : undefined;
};

/** The same values with the dtype of the spec; undefined if that would change them. */
const convert = (host: HostArray, { dtype }: TensorSpec): HostArray | undefined => {
  if (dtype === host.dtype) return host;
  if (dtype === 'string' || dtype === 'complex64' || !isNumericArray(host.data)) return undefined;
  const values: Iterable<number> & { every(test: (value: number) => boolean): boolean } = host.data;
  if (dtype === 'int32' && !values.every(Number.isInteger)) return undefined;
  if (dtype === 'bool' && !values.every((value) => value === 0 || value === 1)) return undefined;
  return { ...host, dtype };
};
