// Metric names and prediction keys are inferred from what the model function returns.
import * as tf from '@tensorflow/tfjs';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type CsvWriter,
  Elistimator,
  EvaluationSpec,
  type JsonlWriter,
  layers,
  type ModelFn,
  type MultiWriter,
  metrics,
  type SummarySink,
  type SummaryWriter,
  TrainSpec,
  type TypedValues,
} from '../src';
import { stripesModelFn } from './digits';

const params = { units: 3 };
const estimator = new Elistimator({ modelFn: stripesModelFn, params });

describe('validate() and evaluate()', () => {
  it('give the metrics of the EvaluationSpec and the loss', async () => {
    const result = await estimator.train().validate();
    expectTypeOf(result.accuracy).toEqualTypeOf<number>();
    expectTypeOf(result.loss).toEqualTypeOf<number>();
    // @ts-expect-error there is no such metric
    result.acuracy;
    const evaluated = await estimator.evaluate({ inputFn: () => [] });
    expectTypeOf(evaluated.accuracy).toEqualTypeOf<number>();
    // @ts-expect-error there is no such metric
    evaluated.precision;
  });

  it('give a matrix where the metric is one', async () => {
    const withMatrix = new Elistimator({
      modelFn: (features: { x: tf.Tensor2D; y: tf.Tensor1D }) => {
        const loss = layers.dense(features.x, { units: 1 }).mean();
        const pair = { labels: features.y, predictions: features.y, numClasses: 2 };
        return [
          new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
          new EvaluationSpec({ loss, metrics: { confusion: metrics.confusionMatrix(pair) } }),
          null,
        ];
      },
    });
    const { confusion } = await withMatrix.validate();
    expectTypeOf(confusion).toEqualTypeOf<number[][]>();
  });
});

describe('predict()', () => {
  it('takes the features by name, and gives the outputs by name', async () => {
    const prediction = await estimator.predict({ images: [[1, 2]] });
    expectTypeOf(prediction.classes).toEqualTypeOf<number[]>();
    expectTypeOf(prediction.probabilities).toEqualTypeOf<number[][]>();
    // @ts-expect-error there is no such output
    prediction.logits;
    // @ts-expect-error there is no such feature
    await estimator.predict({ image: [[1, 2]] });
  });

  it('gives the form asked for', async () => {
    const typed = await estimator.predict({ images: [[1]] }, { as: 'typed' });
    expectTypeOf(typed.classes).toEqualTypeOf<TypedValues>();
    const tensors = await estimator.predict({ images: [[1]] }, { as: 'tensor' });
    expectTypeOf(tensors.probabilities).toEqualTypeOf<tf.Tensor2D>();
    for await (const batch of estimator.predict({ inputFn: () => [], as: 'tensor' })) {
      expectTypeOf(batch.classes).toEqualTypeOf<tf.Tensor1D>();
    }
    for await (const batch of estimator.predict({ inputFn: () => [] })) {
      expectTypeOf(batch.classes).toEqualTypeOf<number[]>();
    }
  });
});

describe('sinks of the TensorBoard package', () => {
  it('fit where the estimator takes one', () => {
    expectTypeOf<SummaryWriter>().toExtend<SummarySink>();
    expectTypeOf<CsvWriter>().toExtend<SummarySink>();
    expectTypeOf<JsonlWriter>().toExtend<SummarySink>();
    expectTypeOf<MultiWriter>().toExtend<SummarySink>();
  });
});

describe('a model function', () => {
  it('keeps its inference with satisfies, and its parameters are checked', () => {
    const modelFn = ((features, _isTraining, { units }) => {
      const loss = layers.dense(features.x, { units }).mean();
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null];
    }) satisfies ModelFn<{ x: tf.Tensor2D }, { units: number }>;
    expectTypeOf(new Elistimator({ modelFn, params })).toHaveProperty('train');
    // @ts-expect-error units is a number
    new Elistimator({ modelFn, params: { units: 'three' } });
  });

  it('must return its three specs', () => {
    // @ts-expect-error two are missing
    const modelFn: ModelFn = () => [
      new TrainSpec({ loss: tf.scalar(0), optimizer: tf.train.sgd(1) }),
    ];
    expectTypeOf(modelFn).toBeFunction();
  });
});
