type Setter = 'setFloat64' | 'setFloat32' | 'setInt32';

/** A tensor's bytes are little-endian whatever the machine. */
const littleEndian = (values: ArrayLike<number>, size: number, set: Setter): Uint8Array => {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view[set](i * size, Number(values[i]), true);
  return bytes;
};

/** The content of a DT_DOUBLE tensor. */
export const float64Bytes = (values: ArrayLike<number>): Uint8Array =>
  littleEndian(values, 8, 'setFloat64');

/** The content of a DT_FLOAT tensor. */
export const float32Bytes = (values: ArrayLike<number>): Uint8Array =>
  littleEndian(values, 4, 'setFloat32');

/** The content of a DT_INT32 tensor. */
export const int32Bytes = (values: ArrayLike<number>): Uint8Array =>
  littleEndian(values, 4, 'setInt32');
