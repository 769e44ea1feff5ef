import * as tf from '@tensorflow/tfjs';
import { floats, integers, type KernelCase } from './kernel-case';

const boxes = () => floats([0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11], [4, 4]);
const suppression = { maxOutputSize: 3, iouThreshold: 0.5, scoreThreshold: 0 };

/** Kernels of strings, of sparse and ragged tensors, of random numbers and of boxes. */
export const otherCases: readonly KernelCase[] = [
  {
    kernel: 'StringSplit',
    inputs: (data) => ({ input: data([4]), delimiter: data([]) }),
    attrs: { skipEmpty: false },
  },
  {
    kernel: 'StringNGrams',
    inputs: (data) => ({ data: data([6]), dataSplits: integers([0, 2, 6]) }),
    attrs: {
      separator: '|',
      nGramWidths: [2],
      leftPad: 'L',
      rightPad: 'R',
      padWidth: -1,
      preserveShortSequences: false,
    },
  },
  {
    kernel: 'StringToHashBucketFast',
    inputs: (data) => ({ input: data([2, 3]) }),
    attrs: { numBuckets: 10 },
  },
  {
    kernel: 'StaticRegexReplace',
    inputs: (data) => ({ x: data([5]) }),
    attrs: { pattern: 'a', rewrite: 'z', replaceGlobal: true },
  },
  {
    kernel: 'SparseFillEmptyRows',
    inputs: (data) => ({
      indices: integers([0, 0, 2, 1], [2, 2]),
      values: data([2]),
      denseShape: integers([4, 3]),
      defaultValue: data([]),
    }),
  },
  {
    kernel: 'SparseReshape',
    inputs: () => ({
      inputIndices: integers([0, 0, 1, 2], [2, 2]),
      inputShape: integers([2, 3]),
      newShape: integers([3, -1]),
    }),
  },
  {
    kernel: 'RaggedRange',
    inputs: () => ({
      starts: integers([0, 5]),
      limits: integers([3, 7]),
      deltas: integers([1, 1]),
    }),
  },
  { kernel: 'BroadcastArgs', inputs: () => ({ s0: integers([2, 1]), s1: integers([3]) }) },
  { kernel: 'LinSpace', inputs: () => ({}), attrs: { start: 0, stop: 1, num: 5 } },
  {
    kernel: 'Multinomial',
    // Certain events: backends draw different numbers.
    inputs: (data) => ({
      logits: tf.tidy(() => {
        const certain = tf.tensor2d([0, 1, 0, 1, 0, 0], [2, 3]);
        const { dtype } = data([1]);
        return dtype === 'float32' ? certain : data([2, 3]);
      }),
    }),
    attrs: { numSamples: 4, seed: 3, normalized: true },
  },
  {
    kernel: 'NonMaxSuppressionV3',
    inputs: () => ({ boxes: boxes(), scores: floats([0.9, 0.75, 0.6, 0.95], [4]) }),
    attrs: suppression,
  },
  {
    kernel: 'NonMaxSuppressionV4',
    inputs: () => ({ boxes: boxes(), scores: floats([0.9, 0.75, 0.6, 0.95], [4]) }),
    attrs: { ...suppression, padToMaxOutputSize: true },
  },
  {
    kernel: 'NonMaxSuppressionV5',
    inputs: () => ({ boxes: boxes(), scores: floats([0.9, 0.75, 0.6, 0.95], [4]) }),
    attrs: { ...suppression, softNmsSigma: 0.5 },
  },
];
