const TO_NUMBERS =
  'Use Float32Array.from(values, Number), which is exact up to 2 ** 24, or Int32Array.from(values, Number) for values within ±(2 ** 31 - 1).';

/** How to convert values of classes that cannot become tensors, by the name of the class. */
const CONVERSIONS: Readonly<Record<string, string>> = {
  BigInt64Array: TO_NUMBERS,
  BigUint64Array: TO_NUMBERS,
  Uint32Array:
    'tfjs has no dtype for it: use Int32Array.from(values) for values below 2 ** 31, or Float32Array.from(values), which is exact up to 2 ** 24.',
  Float16Array: 'Use Float32Array.from(values), which is exact.',
  ArrayBuffer: 'Pass a view of it with the type of its values, such as new Float32Array(buffer).',
  SharedArrayBuffer:
    'Pass a view of it with the type of its values, such as new Float32Array(buffer).',
  DataView:
    'Pass a typed array of its values, such as new Float32Array(view.buffer, view.byteOffset, length).',
  Date: 'Convert it to a number in a small range, such as days since a fixed day: float32 is exact only up to 2 ** 24.',
  Map: 'Use [...map.values()] for its values, or Object.fromEntries(map) for a dictionary.',
  Set: 'Use an array: [...set].',
  Promise: 'Wait for it with await.',
  Tensor: 'Stack the tensors: tf.stack(tensors).',
  Variable: 'Stack the tensors: tf.stack(tensors).',
  TensorBuffer: 'Call its method toTensor().',
  Number: 'Use primitive values: valueOf().',
  Boolean: 'Use primitive values: valueOf().',
  String: 'Use primitive values: valueOf().',
};

/** How to convert a value that cannot become a tensor; undefined if its kind says nothing about that. */
export const conversionOf = (value: unknown): string | undefined => {
  if (typeof value === 'bigint') {
    return 'Convert it with Number(value); float32 is exact only up to 2 ** 24.';
  }
  if (typeof value === 'function') return 'Call it, and pass the result.';
  if (value === undefined || value === null) {
    return 'Fill in missing values, for example with NaN for numbers.';
  }
  if (typeof value !== 'object') return undefined;
  const name = value.constructor?.name;
  return name !== undefined && Object.hasOwn(CONVERSIONS, name) ? CONVERSIONS[name] : undefined;
};
