const MEBIBYTE = 2 ** 20;

/** A large matrix and a few small variables, as models have them. */
const SIZES = [64 * MEBIBYTE, 3 * MEBIBYTE, 40_000, 400, 4];

/** Variables of `megabytes` together, of values that do not compress. */
export const tensorsOf = (megabytes: number) => {
  const tensors: {
    name: string;
    dtype: 'float32';
    shape: number[];
    data: Float32Array<ArrayBuffer>;
  }[] = [];
  let left = megabytes * MEBIBYTE;
  let state = 1;
  for (let index = 0; left > 0; index++) {
    const size = Math.min(left, SIZES[index % SIZES.length] ?? left);
    const words = new Uint32Array(size / 4);
    for (let at = 0; at < words.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      words[at] = state;
    }
    const data = new Float32Array(words.buffer);
    tensors.push({ name: `layer_${index}/kernel`, dtype: 'float32', shape: [data.length], data });
    left -= size;
  }
  return tensors;
};
