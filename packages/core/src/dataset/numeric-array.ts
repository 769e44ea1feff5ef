/** Typed arrays that hold tensor values. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array;

const classes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
};

const classOf = (data: NumericArray): (new (length: number) => NumericArray) =>
  classes[data[Symbol.toStringTag] as keyof typeof classes];

/** Also true of a Node Buffer, which is a Uint8Array. */
export const isNumericArray = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) &&
  Object.hasOwn(classes, (value as NumericArray)[Symbol.toStringTag] ?? '');

/** The dtype of a typed array when nobody asks for another: float32 of floats, int32 of integers. */
export const dtypeOfNumeric = (data: NumericArray): 'float32' | 'int32' =>
  data[Symbol.toStringTag].startsWith('Float') ? 'float32' : 'int32';

/** A zeroed typed array of the same class. */
export const allocateLike = (data: NumericArray, length: number): NumericArray =>
  new (classOf(data))(length);

/** A zeroed typed array of the class in which tfjs keeps a dtype. */
export const allocateFor = (dtype: 'float32' | 'int32' | 'bool', length: number): NumericArray =>
  dtype === 'float32'
    ? new Float32Array(length)
    : dtype === 'int32'
      ? new Int32Array(length)
      : new Uint8Array(length);
