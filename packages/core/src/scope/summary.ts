import { checkedFunction, kinds, options, required } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from './model-call';

/*
 * Summaries of a model function for TensorBoard. Training writes them to the training run at the
 * global step. Validation writes to the validation run: scalars as the mean over the examples, other
 * kinds from the first batch. In prediction, evaluation and steps that are not recorded these
 * functions do nothing. A summary that can't be read or written is reported once and skipped; it never
 * ends training or validation.
 */

const tensor = {
  expected: 'a tensor',
  accepts: (value: unknown) => value instanceof tf.Tensor,
};
const outputCount = {
  expected: 'an integer of at least 1, or Infinity for all',
  accepts: (value: unknown) =>
    value === Number.POSITIVE_INFINITY || kinds.positiveInteger.accepts(value),
};
const tensorOrNumber = {
  expected: 'a number, or a tensor of one element',
  accepts: (value: unknown) => typeof value === 'number' || value instanceof tf.Tensor,
};

const record = (kind: 'scalar' | 'histogram', tag: string, value: tf.Tensor): void => {
  const call = currentModelCall(`summary.${kind}()`);
  call.summaries?.tensor(kind, call.scope + tag, value);
};

/**
 * Records a number.
 *
 * @param tag the name in TensorBoard, below the current variable scope
 * @param value a number, or a tensor of one element
 * @throws ModelFnError when the tensor has more elements
 */
export const scalar = checkedFunction(
  'summary.scalar()',
  { tag: required(kinds.string), value: required(tensorOrNumber) },
  (tag: string, value: tf.Tensor | number): void => {
    if (typeof value === 'number') {
      tf.tidy(() => record('scalar', tag, tf.scalar(value)));
      return;
    }
    if (value.size !== 1) {
      throw new ModelFnError({
        subject: `summary.scalar("${tag}")`,
        expected: 'a tensor of one element',
        actual: `shape [${value.shape}]`,
        fix: 'Reduce it first, for example by tf.mean(), or record a summary.histogram().',
      });
    }
    record('scalar', tag, value);
  },
);

/**
 * Records the distribution of a numeric tensor of any shape. One with a NaN or infinite value can't be
 * written: it is skipped, which is printed once.
 */
export const histogram = checkedFunction(
  'summary.histogram()',
  { tag: required(kinds.string), value: required(tensor) },
  (tag: string, value: tf.Tensor): void => record('histogram', tag, value),
);

/**
 * Records the first images of a batch.
 *
 * @param value `[batch, height, width, channels]` or `[height, width, channels]`, 1, 3 or 4 channels:
 *   int32 in 0..255 or float32 in 0..1
 * @param options.maxOutputs the number of images to show; Infinity for all. Default: 3
 * @throws ModelFnError when the tensor has another shape
 */
export const image = checkedFunction(
  'summary.image()',
  {
    tag: required(kinds.string),
    value: required(tensor),
    options: options<{ maxOutputs?: number }>({ maxOutputs: outputCount }),
  },
  (
    tag: string,
    value: tf.Tensor,
    { maxOutputs = 3 }: { readonly maxOutputs?: number } = {},
  ): void => {
    const channels = value.shape.at(-1) ?? 0;
    if ((value.rank !== 3 && value.rank !== 4) || ![1, 3, 4].includes(channels)) {
      throw new ModelFnError({
        subject: `summary.image("${tag}")`,
        expected: 'shape [batch, height, width, channels] with 1, 3 or 4 channels',
        actual: `shape [${value.shape}]`,
        fix: 'Reshape the tensor.',
      });
    }
    const call = currentModelCall('summary.image()');
    tf.tidy(() => {
      const batch = value.rank === 4 ? value : value.expandDims(0);
      call.summaries?.images(call.scope + tag, batch, maxOutputs);
    });
  },
);

/** Records Markdown text. */
export const text = checkedFunction(
  'summary.text()',
  { tag: required(kinds.string), markdown: required(kinds.string) },
  (tag: string, markdown: string): void => {
    const call = currentModelCall('summary.text()');
    call.summaries?.text(call.scope + tag, markdown);
  },
);
