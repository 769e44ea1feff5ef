import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { force, type Lazy } from '../lazy';
import { EvaluationSpec, type MetricMap, PredictSpec, type Specs, TrainSpec } from '../specs';

const contract = '[TrainSpec, EvaluationSpec | null, PredictSpec | null]';

const nameOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `[${value.map(nameOf).join(', ')}]`;
  return typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value;
};

/**
 * Checks what a model function returned.
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
        ? 'Model functions are synchronous: load what they need before making the estimator.'
        : 'Return all three, with null for those you do not use.',
  });
};

/**
 * The loss that a spec holds.
 *
 * @throws ModelFnError when it is not a tensor of one element
 */
export const readLoss = (spec: string, lazy: Lazy<tf.Tensor>): tf.Scalar => {
  const loss: unknown = force(lazy);
  if (loss instanceof tf.Tensor && loss.size === 1)
    return loss.rank === 0 ? loss.asScalar() : loss.reshape([]);
  throw new ModelFnError({
    subject: `loss of ${spec}`,
    expected: 'a scalar tensor',
    actual: loss instanceof tf.Tensor ? `shape [${loss.shape}]` : nameOf(loss),
    fix: 'Reduce it over the batch, as with tf.mean(loss).',
  });
};

/**
 * The output that a PredictSpec holds.
 *
 * @throws ModelFnError when it is not a dictionary of tensors
 */
export const readOutput = (spec: PredictSpec): Record<string, tf.Tensor> => {
  const output: unknown = force(spec.output);
  const entries = typeof output === 'object' && output !== null ? Object.entries(output) : [];
  if (
    entries.length > 0 &&
    !(output instanceof tf.Tensor) &&
    entries.every(([, tensor]) => tensor instanceof tf.Tensor)
  ) {
    return output as Record<string, tf.Tensor>;
  }
  throw new ModelFnError({
    subject: 'output of PredictSpec',
    expected: 'a dictionary of tensors',
    actual: nameOf(output),
    fix: 'Name each output: new PredictSpec({ output: { classes, probabilities } }).',
  });
};

/**
 * The metrics that an EvaluationSpec holds.
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
      expected: 'another name, since the loss itself goes by this one',
      actual: 'a metric of that name',
      fix: 'Rename it.',
    });
  }
  if (isMap && wrong === undefined) return metrics as MetricMap;
  throw new ModelFnError({
    subject: wrong ? `metric "${wrong[0]}" of EvaluationSpec` : 'metrics of EvaluationSpec',
    expected: 'metrics by name, as { accuracy: metrics.accuracy({ labels, predictions }) }',
    actual: nameOf(wrong ? wrong[1] : metrics),
    fix: 'Use metrics.mean({ values }) for a tensor of your own.',
  });
};

const isMetric = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'update' in value && 'result' in value;

/**
 * The optimizer that a TrainSpec holds.
 *
 * @throws ModelFnError when it is none
 */
export const readOptimizer = (lazy: Lazy<tf.Optimizer>): tf.Optimizer => {
  const optimizer: unknown = force(lazy);
  if (optimizer instanceof tf.Optimizer) return optimizer;
  throw new ModelFnError({
    subject: 'optimizer of TrainSpec',
    expected: 'a tf.train optimizer, or a function that makes one',
    actual: nameOf(optimizer),
    fix: 'Give a function: new TrainSpec({ loss, optimizer: () => tf.train.adam(0.001) }).',
  });
};
