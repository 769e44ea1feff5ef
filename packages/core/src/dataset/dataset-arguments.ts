import { kinds, optional, options, required } from '@elistimator/internal';
import type { BatchOptions } from './batching';
import type { GeneratorOptions } from './generator';
import type { ShuffleOptions } from './shuffle';

// The functions check the values of counts and seeds themselves.

/** The parameters of the static methods of Dataset. */
export const sourceParameters = {
  fromTensorSlices: { columns: required() },
  fromGenerator: {
    fn: required(kinds.callback),
    options: options<GeneratorOptions>({ dtypes: kinds.object, shapes: kinds.object }),
  },
};

/** The parameters of the methods of Dataset. */
export const operatorParameters = {
  shuffle: {
    bufferSize: required(),
    options: options<ShuffleOptions>({ seed: true, reshuffleEachIteration: kinds.boolean }),
  },
  batch: {
    batchSize: required(),
    options: options<BatchOptions>({ dropRemainder: kinds.boolean }),
  },
  map: { fn: required(kinds.callback) },
  filter: { predicate: required(kinds.callback) },
  repeat: { count: optional() },
  take: { count: required() },
  skip: { count: required() },
  prefetch: { bufferSize: required() },
  iterate: { epoch: optional() },
};
