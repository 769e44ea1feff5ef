import { sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { UnknownFeatureError } from '../errors';
import { isTensor } from './element';
import { DatasetError } from './errors';
import { type HostArray, hostArrayOf, isNumericArray, tensorOf } from './host-array';
import {
  formatShape,
  formatSpec,
  type InputSignature,
  shapeFits,
  type TensorSpec,
} from './input-signature';

/** A user's features as tensors. */
export interface InputTensors {
  readonly tensors: Readonly<Record<string, tf.Tensor>>;
  /** Those that were made here, for the caller to dispose; the others are the user's. */
  readonly made: readonly tf.Tensor[];
}

/**
 * Tensors of one-off features, as the signature says they are.
 *
 * @param features by name, or in the order of the signature; some may be missing. Each is a tensor, a
 *   typed array (its shape follows from the signature's, so 784 values are one row of [null,784]),
 *   `{ data, shape }`, or nested numbers, booleans or strings.
 * @throws UnknownFeatureError for a name that the signature doesn't have
 * @throws DatasetError naming the feature, its expected spec and the actual one, when rank, shape or
 *   dtype don't fit; then everything made so far is freed
 */
export const inputTensors = (
  features: Readonly<Record<string, unknown>> | readonly unknown[],
  signature: InputSignature,
): InputTensors => {
  const names = Object.keys(signature);
  const isPositional = Array.isArray(features);
  const tensors: Record<string, tf.Tensor> = {};
  const made: tf.Tensor[] = [];
  try {
    for (const [given, value] of Object.entries(features)) {
      const name = (isPositional ? names[Number(given)] : given) ?? given;
      const spec = Object.hasOwn(signature, name) ? signature[name] : undefined;
      if (!spec) throw new UnknownFeatureError(name, names);
      const tensor = isTensor(value) ? ofTensor(value, spec, name) : ofValue(value, spec, name);
      tensors[name] = tensor;
      if (tensor !== value) made.push(tensor);
    }
    return { tensors, made };
  } catch (error) {
    tf.dispose(made);
    throw error;
  }
};

const misfit = (
  name: string,
  spec: TensorSpec,
  actual: string,
  shape: readonly number[] | undefined,
): DatasetError => {
  const sizes = spec.shape.map((size) => size ?? 1);
  const isOneRow = shape && spec.shape.length === shape.length + 1;
  const isFloating = spec.shape.some((size) => size === null);
  return new DatasetError({
    subject: `feature "${name}"`,
    expected: formatSpec(spec),
    actual,
    fix: isOneRow
      ? `Keep the batch dimension: slice([${sizes.map(() => 0)}], [${[1, ...shape]}]) gives a batch of one, x.expandDims(0) makes one.`
      : `Give it shape ${formatShape(spec.shape)}${isFloating ? ', any size for null,' : ''} and dtype ${spec.dtype}.`,
  });
};

/** Casts that lose nothing. */
const widens = (from: string, to: string): boolean =>
  (from === 'bool' && (to === 'int32' || to === 'float32')) ||
  (from === 'int32' && to === 'float32');

const ofTensor = (tensor: tf.Tensor, spec: TensorSpec, name: string): tf.Tensor => {
  const { dtype, shape } = tensor;
  if (!shapeFits(shape, spec.shape) || !(dtype === spec.dtype || widens(dtype, spec.dtype))) {
    throw misfit(name, spec, formatSpec(tensor), shape);
  }
  return dtype === spec.dtype ? tensor : tf.cast(tensor, spec.dtype);
};

const ofValue = (value: unknown, spec: TensorSpec, name: string): tf.Tensor => {
  const host = hostArrayOf(value, `feature "${name}"`);
  const shape = isNumericArray(value) ? inferShape(host.shape, spec.shape) : host.shape;
  const converted = convert(host, spec);
  if (!converted || !shape || !shapeFits(shape, spec.shape)) {
    const actual = isNumericArray(value)
      ? `a flat array of ${value.length} values`
      : formatSpec(host);
    throw misfit(name, spec, actual, isNumericArray(value) ? undefined : host.shape);
  }
  return tensorOf({ ...converted, shape });
};

/** The shape of so many flat values when all dimensions but one are known. */
const inferShape = (
  flat: readonly number[],
  expected: readonly (number | null)[],
): readonly number[] | undefined => {
  const [values = 0] = flat;
  const unknown = expected.filter((size) => size === null).length;
  const known = sizeOf(expected.map((size) => size ?? 1));
  if (unknown > 1) return undefined;
  if (unknown === 0) return values === known ? expected.map((size) => size ?? 1) : undefined;
  const missing = known === 0 ? 0 : values / known;
  return Number.isInteger(missing) ? expected.map((size) => size ?? missing) : undefined;
};

/** The same values with the dtype that the spec asks for; undefined if they don't have it. */
const convert = (host: HostArray, { dtype }: TensorSpec): HostArray | undefined => {
  if (dtype === host.dtype) return host;
  if (dtype === 'string' || dtype === 'complex64' || !isNumericArray(host.data)) return undefined;
  const values: Iterable<number> & { every(test: (value: number) => boolean): boolean } = host.data;
  if (dtype === 'int32' && !values.every(Number.isInteger)) return undefined;
  if (dtype === 'bool' && !values.every((value) => value === 0 || value === 1)) return undefined;
  return { ...host, dtype };
};
