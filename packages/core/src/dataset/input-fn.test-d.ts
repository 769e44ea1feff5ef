import * as tf from '@tensorflow/tfjs';
import { describe, expectTypeOf, it } from 'vitest';
import { Dataset } from './dataset';
import type { InputFn } from './input-fn';

interface Features {
  readonly images: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

const accept = (_: InputFn<Features>) => {};
const images = new Float32Array(4);
const labels = new Int32Array(4);

describe('InputFn', () => {
  it('accepts a Dataset with the features of the model function', () => {
    const dataset = Dataset.fromTensorSlices({ images, labels });
    accept(() => dataset.shuffle(4).batch(2).repeat().prefetch(1));
    accept(async () => dataset.batch(2));
    accept(() => dataset.map(({ images: x, labels: y }) => ({ images: tf.neg(x), labels: y })));
    accept(() => dataset.map(() => ({ images: tf.zeros([1, 1]), labels: tf.tensor1d([1]) })));
    accept(() =>
      Dataset.fromGenerator(function* () {
        yield { images: [[1]], labels: [1] };
      }),
    );
  });

  it('accepts features that the model function does not use', () => {
    accept(() => Dataset.fromTensorSlices({ images, labels, weights: labels }).batch(2));
  });

  it('rejects a Dataset with other features', () => {
    // @ts-expect-error misspelt
    accept(() => Dataset.fromTensorSlices({ imges: images, labels }).batch(2));
    // @ts-expect-error missing
    accept(() => Dataset.fromTensorSlices({ images }).batch(2));
    // @ts-expect-error misspelt, and asynchronous
    accept(async () => Dataset.fromTensorSlices({ imges: images, labels }).batch(2));
    // @ts-expect-error renamed by map()
    accept(() => Dataset.fromTensorSlices({ images, labels }).map((x) => ({ x: x.images })));
    // @ts-expect-error a generator's
    accept(() => Dataset.fromGenerator(() => [{ images: [1], label: [1] }]));
  });

  it('accepts a Dataset whose features the compiler does not know', () => {
    const columns: Record<string, Float32Array> = { images };
    accept(() => Dataset.fromTensorSlices(columns).batch(2));
    const cast = (features: Record<string, tf.Tensor>): Record<string, tf.Tensor> => features;
    accept(() => Dataset.fromTensorSlices({ images }).map(cast));
    accept(() => Dataset.fromTensorSlices([images, labels]).batch(2));
    accept(() => tf.data.array([{ images: [1], labels: 1 }]).batch(2));
    accept(() => tf.data.generator(() => [{ images: tf.zeros([1, 1]) }].values()));
  });

  it('accepts iterables, iterators and generators of batches', () => {
    const batch = { images: tf.zeros([1, 1]), labels: [1] };
    accept(() => [batch]);
    accept(() => [{ images: { data: images, shape: [2, 2] }, labels: Uint8Array.of(1, 2) }]);
    accept(() => new Set([batch]));
    accept(() => [batch].values());
    accept(() => ({ next: () => ({ done: false, value: batch }) }));
    accept(() => [[images, labels]]);
    accept(function* () {
      yield { images: [[1]], labels: [1] };
    });
    accept(async function* () {
      yield { images: tf.zeros<tf.Rank.R2>([1, 1]), labels: tf.tensor1d([1]) };
    });
    accept(async function* () {
      yield [tf.zeros([1, 1]), [1]];
    });
    accept(() => [] as { images: tf.Tensor; labels: tf.Tensor }[]);
    accept(() => []);
  });

  it('rejects batches that lack features, or have values that are not tensors', () => {
    // @ts-expect-error missing
    accept(() => [{ images: [[1]] }]);
    // @ts-expect-error a date
    accept(() => [{ images: new Date(), labels: [1] }]);
    // @ts-expect-error misspelt
    accept(function* () {
      yield { imges: [[1]], labels: [1] };
    });
    // @ts-expect-error misspelt
    accept(async function* () {
      yield { images: [[1]], label: [1] };
    });
    // @ts-expect-error no batches at all
    accept(() => 5);
    // @ts-expect-error a batch in place of batches
    accept(() => ({ images: [[1]], labels: [1] }));
  });

  it('accepts any features by default, and when the model function names none', () => {
    const dataset = Dataset.fromTensorSlices({ images, labels });
    const anyInput: InputFn = () => dataset;
    const unknownInput: InputFn<unknown> = () => dataset;
    const looseInput: InputFn<Record<string, tf.Tensor2D>> = () => dataset.batch(2);
    const generator: InputFn = function* () {
      yield { x: [1] };
    };
    expectTypeOf(anyInput).toBeFunction();
    expectTypeOf([unknownInput, looseInput, generator]).toBeArray();
    const partial: InputFn<Partial<Features>> = () => Dataset.fromTensorSlices({ images }).batch(2);
    expectTypeOf(partial).toBeFunction();
    // A more specific input function serves where any will do.
    expectTypeOf<InputFn<Features>>().toExtend<() => unknown>();
  });

  it('leaves datasets assignable to each other as their elements are', () => {
    const rows = Dataset.fromTensorSlices({ images, labels });
    expectTypeOf(rows).toExtend<Dataset<Record<string, tf.Tensor>>>();
    expectTypeOf(rows).toExtend<Dataset<{ images: tf.Tensor }>>();
    expectTypeOf(Dataset.fromTensorSlices([images])).toExtend<Dataset<readonly tf.Tensor[]>>();
    expectTypeOf(rows).not.toExtend<Dataset<{ x: tf.Tensor }>>();
  });
});
