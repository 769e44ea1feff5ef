import { type HostTensor, isFloatTensor } from '../tensor-like';

/** How a value becomes a byte: clipped, as TensorFlow's `convert_image_dtype` does with saturation. */
const toByte = (tensor: HostTensor): ((value: number) => number) => {
  if (tensor.dtype === 'bool') return (value) => (value ? 255 : 0);
  if (!isFloatTensor(tensor)) return (value) => Math.min(255, Math.max(0, value));
  // The half step avoids rounding down what is almost a whole byte; NaN becomes 0.
  return (value) => Math.min(255, Math.max(0, Math.trunc(Math.fround(value) * 255.5) || 0));
};

/**
 * The first values of an image tensor as bytes.
 *
 * @param tensor floats in 0..1, or integers in 0..255; what lies outside is clipped
 * @param count how many values
 */
export const readPixels = (tensor: HostTensor, count: number): Uint8Array => {
  const convert = toByte(tensor);
  const { data } = tensor;
  const pixels = new Uint8Array(count);
  for (let i = 0; i < count; i++) pixels[i] = convert(Number(data[i]));
  return pixels;
};
