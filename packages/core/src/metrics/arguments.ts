import { checkedFunction, type Kind, required, requiredOptions } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';

const tensor: Kind = {
  expected: 'a tensor, or a function that returns one',
  accepts: (value) => value instanceof tf.Tensor || typeof value === 'function',
};

/** The keys of MetricInputs. */
export const inputKeys = {
  labels: required(tensor),
  predictions: required(tensor),
  weights: tensor,
} as const;

/** The keys of the inputs of `metrics.mean`. */
export const meanKeys = { values: required(tensor), weights: tensor } as const;

/** A metric that refuses unknown options and superfluous arguments. */
export const metricFunction = <Inputs, Result>(
  kind: string,
  keys: Parameters<typeof requiredOptions<NoInfer<Inputs>>>[0],
  fn: (inputs: Inputs) => Result,
): ((inputs: Inputs) => Result) =>
  checkedFunction(`metrics.${kind}()`, { inputs: requiredOptions<Inputs>(keys) }, fn);
