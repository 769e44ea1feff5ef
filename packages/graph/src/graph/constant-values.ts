import type { ConstantValues, Sized } from './types';

/** All elements are this one value. */
export interface Filled {
  readonly fill: Sized | string;
}

/** Every element, in an array. */
export type Elements = Float32Array | Int32Array | Uint8Array | readonly string[];

/** Arrays have a method `fill` of their own, so that `'fill' in values` would not do. */
export const isFilled = (values: ConstantValues): values is Filled =>
  !ArrayBuffer.isView(values) && !Array.isArray(values);

/** Numbers, booleans as 0 and 1, or complex64 as pairs. */
export const isNumeric = (
  values: ConstantValues,
): values is Float32Array | Int32Array | Uint8Array => ArrayBuffer.isView(values);
