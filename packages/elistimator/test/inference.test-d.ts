// The types of an Elistimator follow from its model function.
import * as tf from '@tensorflow/tfjs';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type CsvWriter,
  Dataset,
  defineModelFn,
  Elistimator,
  EvaluationSpec,
  type FeaturesOf,
  type Hyperparameters,
  type JsonlWriter,
  layers,
  type Metric,
  type MetricsOf,
  type ModelFn,
  type MultiWriter,
  metrics,
  type OutputsOf,
  type ParamsOf,
  PredictSpec,
  type SummarySink,
  type SummaryWriter,
  TrainSpec,
  type TypedValues,
} from '../src';
import { stripesModelFn, trainInputFn } from './digits';

const params = { units: 3 };
const estimator = new Elistimator({ modelFn: stripesModelFn, params });

describe('validate() and evaluate()', () => {
  it('return the metrics of the EvaluationSpec and the loss', async () => {
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

  it('return a matrix for a metric that is one', async () => {
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
  it('takes features by name, and returns outputs by name', async () => {
    const prediction = await estimator.predict({ images: [[1, 2]] });
    expectTypeOf(prediction.classes).toEqualTypeOf<number[]>();
    expectTypeOf(prediction.probabilities).toEqualTypeOf<number[][]>();
    // @ts-expect-error there is no such output
    prediction.logits;
    // @ts-expect-error there is no such feature
    await estimator.predict({ image: [[1, 2]] });
  });

  it('returns the requested form', async () => {
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
  it('can be passed as summaries of an estimator', () => {
    expectTypeOf<SummaryWriter>().toExtend<SummarySink>();
    expectTypeOf<CsvWriter>().toExtend<SummarySink>();
    expectTypeOf<JsonlWriter>().toExtend<SummarySink>();
    expectTypeOf<MultiWriter>().toExtend<SummarySink>();
  });
});

describe('a model function', () => {
  it('can be written with satisfies, and its parameters are checked', () => {
    const modelFn = ((features, _isTraining, { units }) => {
      const loss = layers.dense(features.x, { units }).mean();
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null];
    }) satisfies ModelFn<{ x: tf.Tensor2D }, { units: number }>;
    expectTypeOf(new Elistimator({ modelFn, params })).toHaveProperty('train');
    // @ts-expect-error units is a number
    new Elistimator({ modelFn, params: { units: 'three' } });
  });

  it('must return three specs', () => {
    // @ts-expect-error two are missing
    const modelFn: ModelFn = () => [
      new TrainSpec({ loss: tf.scalar(0), optimizer: tf.train.sgd(1) }),
    ];
    expectTypeOf(modelFn).toBeFunction();
  });
});

/** Returns null for the specs of evaluation and prediction, and takes no parameters. */
const trainOnlyModelFn = defineModelFn((features: { readonly x: tf.Tensor2D }) => {
  const loss = layers.dense(features.x, { units: 1 }).mean();
  return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null];
});
const trainOnly = new Elistimator({ modelFn: trainOnlyModelFn });

describe('the type parameter', () => {
  type Fn = typeof stripesModelFn;

  it('is the type of the model function, from which the others follow', () => {
    expectTypeOf(estimator).toEqualTypeOf<Elistimator<Fn>>();
    expectTypeOf<FeaturesOf<Fn>>().toEqualTypeOf<{
      readonly images: tf.Tensor2D;
      readonly labels: tf.Tensor1D;
    }>();
    expectTypeOf<ParamsOf<Fn>>().toEqualTypeOf<{ readonly units: number }>();
    expectTypeOf<MetricsOf<Fn>>().toEqualTypeOf<{ accuracy: Metric<number> }>();
    expectTypeOf<OutputsOf<Fn>>().toEqualTypeOf<{
      classes: tf.Tensor1D;
      probabilities: tf.Tensor2D;
    }>();
    expectTypeOf(estimator.params).toEqualTypeOf<{ readonly units: number }>();
  });

  it('has no metrics and outputs for null specs', () => {
    expectTypeOf<keyof MetricsOf<typeof trainOnlyModelFn>>().toBeNever();
    expectTypeOf<keyof OutputsOf<typeof trainOnlyModelFn>>().toBeNever();
    expectTypeOf<ParamsOf<typeof trainOnlyModelFn>>().toBeUnknown();
  });
});

describe('fromDisk()', () => {
  it('is typed by the type of the model function alone', async () => {
    const again = await Elistimator.fromDisk<typeof stripesModelFn>({ modelDir: 'run' });
    expectTypeOf(again).toEqualTypeOf<Elistimator<typeof stripesModelFn>>();
    const result = await again.validate();
    expectTypeOf(result.accuracy).toEqualTypeOf<number>();
    // @ts-expect-error there is no such metric
    result.acuracy;
    const prediction = await again.predict({ images: [[1]] });
    expectTypeOf(prediction.probabilities).toEqualTypeOf<number[][]>();
    // @ts-expect-error there is no such output
    prediction.logits;
  });

  it('infers the types of a model function that it gets', async () => {
    const again = await Elistimator.fromDisk({ modelDir: 'run', modelFn: stripesModelFn });
    expectTypeOf(again).toEqualTypeOf<Elistimator<typeof stripesModelFn>>();
  });

  it('has no any without a type argument', async () => {
    const again = await Elistimator.fromDisk({ modelDir: 'run' });
    expectTypeOf(again).not.toBeAny();
    expectTypeOf(again.params).not.toBeAny();
    const result = await again.validate();
    expectTypeOf(result).not.toBeAny();
    expectTypeOf(result.accuracy).not.toBeAny();
    expectTypeOf(result.loss).toEqualTypeOf<number>();
    const evaluated = await again.evaluate({ inputFn: trainInputFn });
    expectTypeOf(evaluated.accuracy).not.toBeAny();
    const prediction = await again.predict({ images: [[1]] });
    expectTypeOf(prediction).not.toBeAny();
    expectTypeOf(prediction.classes).not.toBeAny();
    const tensors = await again.predict({ images: [[1]] }, { as: 'tensor' });
    expectTypeOf(tensors.classes).not.toBeAny();
    for await (const batch of again.predict({ inputFn: trainInputFn, as: 'typed' })) {
      expectTypeOf(batch.classes).not.toBeAny();
    }
  });
});

describe('params', () => {
  it('are required if the model function requires them', () => {
    // @ts-expect-error params are missing
    new Elistimator({ modelFn: stripesModelFn });
    // @ts-expect-error units is missing
    new Elistimator({ modelFn: stripesModelFn, params: {} });
    // @ts-expect-error params can't be undefined
    new Elistimator({ modelFn: stripesModelFn, params: undefined });
    new Elistimator({ modelFn: stripesModelFn, params: { units: 1 } });
  });

  it('are optional otherwise', () => {
    new Elistimator({ modelFn: trainOnlyModelFn });
    const modelFn = defineModelFn(
      (features: { x: tf.Tensor2D }, _isTraining: boolean, options: { readonly rate?: number }) => {
        const loss = features.x.mean().mul(options.rate ?? 1);
        return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null];
      },
    );
    new Elistimator({ modelFn });
    new Elistimator({ modelFn, params: { rate: 0.5 } });
    // @ts-expect-error rate is a number
    new Elistimator({ modelFn, params: { rate: 'half' } });
    Elistimator.fromDisk({ modelDir: 'run', modelFn: stripesModelFn });
  });
});

describe('null specs', () => {
  it('have no metric names', async () => {
    const result = await trainOnly.validate();
    expectTypeOf(result.loss).toEqualTypeOf<number>();
    // @ts-expect-error there are no metrics
    result.accuracy;
    const evaluated = await trainOnly.evaluate({ inputFn: () => [{ x: [[1]] }] });
    // @ts-expect-error there are no metrics
    evaluated.accuracy;
  });

  it('have no output names', async () => {
    const prediction = await trainOnly.predict({ x: [[1]] });
    // @ts-expect-error there are no outputs
    prediction.classes;
    for await (const batch of trainOnly.predict({ inputFn: () => [{ x: [[1]] }] })) {
      // @ts-expect-error there are no outputs
      batch.classes;
    }
  });
});

describe('trainInputFn', () => {
  const x = { data: new Float32Array(4), shape: [4, 1] };

  it('must have the features of the model function, and may have more', () => {
    trainOnly.setup({ trainInputFn: () => Dataset.fromTensorSlices({ x }).batch(2) });
    trainOnly.setup({ trainInputFn: () => Dataset.fromTensorSlices({ x, id: x }).batch(2) });
    trainOnly.setup({ trainInputFn: () => [{ x: [[1]], id: [[1]] }] });
  });

  it('must not misspell a feature', () => {
    // @ts-expect-error the feature is x
    trainOnly.setup({ trainInputFn: () => Dataset.fromTensorSlices({ y: x }).batch(2) });
    // @ts-expect-error the feature is x
    trainOnly.setup({ trainInputFn: () => [{ y: [[1]] }] });
    const validationInputFn = () => Dataset.fromTensorSlices({ image: x, labels: x }).batch(2);
    // @ts-expect-error the feature is images
    estimator.setup({ trainInputFn, validationInputFn });
    // @ts-expect-error the feature is images
    estimator.evaluate({ inputFn: validationInputFn });
    estimator.setup({ trainInputFn, validationInputFn: trainInputFn });
  });
});

describe('the overloads of predict()', () => {
  const named = new Elistimator({
    modelFn: defineModelFn(
      (features: { readonly as: tf.Tensor2D; readonly inputFn: tf.Tensor2D }) => {
        const sum = features.as.add<tf.Tensor2D>(features.inputFn);
        return [
          new TrainSpec({ loss: sum.mean(), optimizer: () => tf.train.sgd(0.1) }),
          null,
          new PredictSpec({ output: { sum } }),
        ];
      },
    ),
  });

  it('accept features named as and inputFn', async () => {
    const prediction = await named.predict({ as: [[1]], inputFn: [[2]] });
    expectTypeOf(prediction.sum).toEqualTypeOf<number[][]>();
    const tensors = await named.predict({ as: [[1]], inputFn: tf.zeros([1, 1]) }, { as: 'tensor' });
    expectTypeOf(tensors.sum).toEqualTypeOf<tf.Tensor2D>();
    expectTypeOf(await named.predict({ as: tf.zeros([1, 1]) })).toEqualTypeOf<{
      readonly sum: number[][];
    }>();
    for await (const batch of named.predict({ inputFn: () => [], as: 'typed' })) {
      expectTypeOf(batch.sum).toEqualTypeOf<TypedValues>();
    }
  });

  it('accept features by position, with and without options at the end', async () => {
    const prediction = await estimator.predict([[1]], [2]);
    expectTypeOf(prediction.classes).toEqualTypeOf<number[]>();
    const typed = await estimator.predict([[1]], [2], { as: 'typed' });
    expectTypeOf(typed.classes).toEqualTypeOf<TypedValues>();
    const tensors = await estimator.predict(tf.zeros([1, 2]), { as: 'tensor', isTraining: true });
    expectTypeOf(tensors.probabilities).toEqualTypeOf<tf.Tensor2D>();
  });

  it('reject options before features', () => {
    // @ts-expect-error options come last
    estimator.predict([[1]], { as: 'typed' }, [2]);
    // @ts-expect-error options come last
    estimator.predict({ as: 'typed' }, [[1]]);
    // @ts-expect-error there is no such form
    estimator.predict([[1]], { as: 'types' });
    // @ts-expect-error there is no such form
    estimator.predict({ images: [[1]] }, { as: 'types' });
  });
});

describe('hyperparameters', () => {
  it('are read and set by their names', () => {
    expectTypeOf(estimator.learningRate).toEqualTypeOf<number | undefined>();
    estimator.learningRate = 0.1;
    // @ts-expect-error it is a number
    estimator.learningRate = '0.1';
    // @ts-expect-error it can't be removed
    estimator.learningRate = undefined;
    expectTypeOf(estimator.hyperparameters).toEqualTypeOf<Hyperparameters>();
    expectTypeOf(estimator.hyperparameters.beta1).toEqualTypeOf<number | undefined>();
    estimator.setHyperparameters({ momentum: 0.8 });
    // @ts-expect-error there is no such hyperparameter
    estimator.setHyperparameters({ momentun: 0.8 });
  });
});
