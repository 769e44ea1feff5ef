const MEBIBYTE = 2 ** 20;

/** Bytes of each tensor, as in a model: a large matrix and a few small variables. */
const SIZES = [64 * MEBIBYTE, 3 * MEBIBYTE, 40_000, 400, 4];

/** Creates variables of `megabytes` in total, with values that do not compress. */
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
    for (let word = 0; word < words.length; word++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      words[word] = state;
    }
    const data = new Float32Array(words.buffer);
    tensors.push({ name: `layer_${index}/kernel`, dtype: 'float32', shape: [data.length], data });
    left -= size;
  }
  return tensors;
};
