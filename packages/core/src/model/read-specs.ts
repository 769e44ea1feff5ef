import * as tf from '@tensorflow/tfjs';
import { MissingFeatureError, ModelFnError, UnknownFeatureError } from '../errors';
import { force, type Lazy } from '../lazy';
import { EvaluationSpec, type MetricMap, PredictSpec, type Specs, TrainSpec } from '../specs';

const contract = '[TrainSpec, EvaluationSpec | null, PredictSpec | null]';

const nameOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `[${value.map(nameOf).join(', ')}]`;
  return typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
};

/**
 * Checks the return value of a model function.
 *
 * @throws ModelFnError when it is not the three specs
 */
export const readSpecs = (returned: unknown): Specs => {
  const [train, evaluation, prediction] = Array.isArray(returned) ? (returned as unknown[]) : [];
  const valid =
    Array.isArray(returned) &&
    returned.length === 3 &&
    train instanceof TrainSpec &&
    (evaluation === null || evaluation instanceof EvaluationSpec) &&
    (prediction === null || prediction instanceof PredictSpec);
  if (valid) return returned as unknown as Specs;
  throw new ModelFnError({
    subject: 'model function',
    expected: `to return ${contract}`,
    actual: returned instanceof Promise ? 'a promise' : nameOf(returned),
    fix:
      returned instanceof Promise
        ? 'Model functions are synchronous: load what they need before creating the estimator.'
        : 'Return all three, with null for those that you do not use.',
  });
};

const isNumeric = ({ dtype }: tf.Tensor): boolean => dtype !== 'string' && dtype !== 'complex64';

/**
 * The loss of a spec.
 *
 * @throws ModelFnError when it is not a tensor of one element
 */
export const readLoss = (spec: string, lazy: Lazy<tf.Tensor>): tf.Scalar => {
  const loss: unknown = force(lazy);
  if (loss instanceof tf.Tensor && loss.size === 1 && !isNumeric(loss)) {
    throw new ModelFnError({
      subject: `loss of ${spec}`,
      expected: 'dtype float32',
      actual: loss.dtype,
      fix: 'Convert it by tf.cast(loss, "float32").',
    });
  }
  if (loss instanceof tf.Tensor && loss.size === 1)
    return loss.rank === 0 ? loss.asScalar() : loss.reshape([]);
  throw new ModelFnError({
    subject: `loss of ${spec}`,
    expected: 'a scalar tensor',
    actual: loss instanceof tf.Tensor ? `shape [${loss.shape}]` : nameOf(loss),
    fix:
      loss instanceof Promise
        ? 'Model functions are synchronous: return the tensor itself.'
        : 'Reduce it over the batch, for example by tf.mean(loss).',
  });
};

/**
 * The output of a PredictSpec.
 *
 * @throws ModelFnError when it is not a dictionary of tensors
 */
export const readOutput = (spec: PredictSpec): Record<string, tf.Tensor> => {
  const output: unknown = force(spec.output);
  const isDictionary =
    typeof output === 'object' &&
    output !== null &&
    !Array.isArray(output) &&
    !(output instanceof tf.Tensor);
  const entries = isDictionary ? Object.entries(output) : [];
  const wrong = entries.find(([, tensor]) => !(tensor instanceof tf.Tensor));
  if (wrong === undefined && entries.length > 0) return output as Record<string, tf.Tensor>;
  const [name, value] = wrong ?? [];
  throw new ModelFnError({
    subject: name === undefined ? 'output of PredictSpec' : `output "${name}" of PredictSpec`,
    expected: name === undefined ? 'a dictionary of tensors' : 'a tensor',
    actual: wrong === undefined && isDictionary ? 'an empty one' : nameOf(wrong ? value : output),
    fix:
      typeof value === 'function'
        ? 'Make the dictionary the function: new PredictSpec({ output: () => ({ classes }) }).'
        : 'Name each output: new PredictSpec({ output: { classes, probabilities } }).',
  });
};

/**
 * The metrics of an EvaluationSpec.
 *
 * @throws ModelFnError when they are not metrics by name
 */
export const readMetrics = (spec: EvaluationSpec<MetricMap>): MetricMap => {
  const metrics: unknown = force(spec.metrics);
  const isMap = typeof metrics === 'object' && metrics !== null && !(metrics instanceof tf.Tensor);
  const wrong = Object.entries(isMap ? metrics : {}).find(([, metric]) => !isMetric(metric));
  if (isMap && 'loss' in metrics) {
    throw new ModelFnError({
      subject: 'metric "loss" of EvaluationSpec',
      expected: 'another name, since validate() reports the loss itself under this one',
      actual: 'a metric named "loss"',
      fix: 'Rename it.',
    });
  }
  if (isMap && wrong === undefined) return metrics as MetricMap;
  throw new ModelFnError({
    subject: wrong ? `metric "${wrong[0]}" of EvaluationSpec` : 'metrics of EvaluationSpec',
    expected: 'metrics by name, such as { accuracy: metrics.accuracy({ labels, predictions }) }',
    actual: nameOf(wrong ? wrong[1] : metrics),
    fix:
      typeof wrong?.[1] === 'function'
        ? 'Make the dictionary the function: new EvaluationSpec({ loss, metrics: () => ({ accuracy }) }).'
        : 'Wrap a tensor of your own in metrics.mean({ values }).',
  });
};

const isMetric = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'update' in value &&
  typeof value.update === 'function' &&
  'result' in value &&
  typeof value.result === 'function';

/**
 * The optimizer of a TrainSpec.
 *
 * @throws ModelFnError when it is not a tf.train optimizer
 */
export const readOptimizer = (lazy: Lazy<tf.Optimizer>): tf.Optimizer => {
  const optimizer: unknown = force(lazy);
  if (optimizer instanceof tf.Optimizer) return optimizer;
  throw new ModelFnError({
    subject: 'optimizer of TrainSpec',
    expected: 'a tf.train optimizer, or a function that creates one',
    actual: nameOf(optimizer),
    fix: 'Pass a function: new TrainSpec({ loss, optimizer: () => tf.train.adam(0.001) }).',
  });
};

/**
 * The features for a model function: reading one that is absent is an error that names it, instead of
 * an `undefined` that fails somewhere in an operation.
 *
 * @param features those of this call
 * @param names all names of the input signature
 */
export const guardFeatures = (
  features: Readonly<Record<string, tf.Tensor>>,
  names: readonly string[],
): Record<string, tf.Tensor> =>
  new Proxy(
    { ...features },
    {
      get(target, key, receiver) {
        if (typeof key === 'symbol' || key in target) return Reflect.get(target, key, receiver);
        if (names.includes(key)) throw new MissingFeatureError(key, Object.keys(features));
        throw new UnknownFeatureError(key, names);
      },
    },
  );
