import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ModelFnError } from '../errors';
import * as layers from '../layers';
import * as metrics from '../metrics';
import { type AnyModelFn, EvaluationSpec, PredictSpec, TrainSpec } from '../specs';
import { CodeModel } from './code-model';

beforeAll(() => tf.setBackend('cpu'));

let tensors = 0;
let model: CodeModel | undefined;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  model?.dispose();
  model = undefined;
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensors);
});

const features = () => ({ x: tf.ones([2, 3]) });

/** Builds the model, and runs a training step. */
const train = (modelFn: AnyModelFn): void => {
  model = new CodeModel({ modelFn, params: {}, seed: 1 });
  const built = model;
  tf.tidy(() => {
    const inputs = { features: features(), featureNames: ['x'], seedPath: [0], isTraining: true };
    built.build(inputs);
    built.optimizer.createSlots(built.trainedVariables);
    built.trainStep(inputs, { learning_rate: tf.scalar(0.1) });
  });
};

interface Features {
  readonly x: tf.Tensor2D;
}

/** A model function whose loss is the mean of a tensor. */
const lossOf =
  (fn: (x: tf.Tensor2D) => tf.Tensor): AnyModelFn =>
  ({ x }: Features) => [
    new TrainSpec({ loss: () => tf.mean(fn(x)), optimizer: () => tf.train.sgd(0.1) }),
    null,
    null,
  ];

const withoutKernel = (name: string, fn: () => void): void => {
  const kernel = tf.getKernel(name, 'cpu');
  tf.unregisterKernel(name, 'cpu');
  try {
    fn();
  } finally {
    tf.registerKernel(kernel);
  }
};

describe('an operation that the backend lacks', () => {
  it('is named with the layer that runs it, the backend, and the way out', () => {
    withoutKernel('Tanh', () => {
      const fn = lossOf((x) =>
        layers.dense(layers.dense(x, { units: 2 }), { units: 2, activation: 'tanh' }),
      );
      expect(() => train(fn)).toThrow(ModelFnError);
      expect(() => train(fn)).toThrow(
        'layer "dense_1": expected operations that backend "cpu" has, got "Tanh", which it lacks. Choose the backend by useBackend()',
      );
    });
  });

  it('is named with the model function that runs it, and in user layers', () => {
    withoutKernel('Erf', () => {
      expect(() => train(lossOf((x) => tf.erf(layers.dense(x, { units: 2 }))))).toThrow(
        /model function: expected operations that backend "cpu" has, got "Erf"/,
      );
    });
    const own = tf.layers.dense({ units: 2, activation: 'tanh', name: 'mine' });
    withoutKernel('Tanh', () => {
      expect(() => train(lossOf((x) => layers.apply(own, x)))).toThrow(/layer "mine": .*"Tanh"/);
    });
  });
});

describe('an operation without a gradient', () => {
  it('is named with the layers that run it', () => {
    const own = tf.layers.dense({ units: 2, name: 'counting' });
    const call = own.call.bind(own);
    own.call = (inputs, kwargs) => {
      const [y] = [call(inputs, kwargs)].flat();
      if (y === undefined) throw new Error('no output');
      return tf.mul(y, tf.cast(tf.greater(y, 0), 'float32'));
    };
    expect(() => train(lossOf((x) => layers.apply(own, layers.dense(x, { units: 3 }))))).toThrow(
      /layer "counting": expected operations that have a gradient.*got "Greater", which has none on backend "cpu".*useBackend\(\)/,
    );
  });

  it('is named with the model function otherwise', () => {
    const fn = lossOf((x) => {
      const y = layers.dense(x, { units: 2 });
      return tf.mul(y, tf.cast(tf.logicalNot(tf.cast(y, 'bool')), 'float32'));
    });
    expect(() => train(fn)).toThrow(/model function: .*"LogicalNot"/);
  });
});

describe('variables that the model does not know', () => {
  it.each<[string, (x: tf.Tensor2D) => tf.Tensor, RegExp]>([
    [
      'tf.layers',
      (x) => tf.layers.dense({ units: 1, name: 'direct' }).apply(x) as tf.Tensor,
      /"direct\/kernel", "direct\/bias" of tf\.variable\(\) or tf\.layers\. Use layers\.dense\(\)/,
    ],
    [
      'tf.variable',
      (x) => tf.mul(x, tf.variable(tf.scalar(2), true, 'factor')),
      /got "factor" of tf\.variable\(\).*getVariable\(\) in place of tf\.variable\(\)/,
    ],
    [
      'tf.layers after a layer of the model',
      (x) => tf.layers.prelu({ name: 'direct' }).apply(layers.dense(x, { units: 2 })) as tf.Tensor,
      /"direct\/alpha"/,
    ],
  ])('are an error: %s', (_, fn, message) => {
    expect(() => train(lossOf(fn))).toThrow(message);
  });

  it('may be temporary', () => {
    train(
      lossOf((x) => {
        const temporary = tf.variable(tf.scalar(2));
        const y = tf.mul(layers.dense(x, { units: 1 }), temporary.clone());
        temporary.dispose();
        return y;
      }),
    );
  });

  it('are not confused with a loss that depends on none', () => {
    expect(() => train(lossOf((x) => x))).toThrow(
      /got one that depends on none, since the model has none/,
    );
  });
});

describe('a spec of the wrong form is named', () => {
  const optimizer = () => tf.train.sgd(0.1);
  const loss = (x: tf.Tensor2D) => tf.mean(layers.dense(x, { units: 1 }));
  const evaluating =
    (metricsOf: unknown): AnyModelFn =>
    ({ x }: Features) => {
      const value = loss(x);
      const spec = Reflect.construct(EvaluationSpec, [{ loss: value, metrics: metricsOf }]);
      return [new TrainSpec({ loss: value, optimizer }), spec, null];
    };
  const predicting =
    (output: unknown): AnyModelFn =>
    ({ x }: Features) => {
      const spec = Reflect.construct(PredictSpec, [{ output }]);
      return [new TrainSpec({ loss: loss(x), optimizer }), null, spec];
    };

  it.each<[string, AnyModelFn, RegExp]>([
    [
      'a number',
      predicting({ classes: () => 0, x: 3 }),
      /output "classes" of PredictSpec: expected a tensor, got function\. Make the dictionary the function/,
    ],
    [
      'among several',
      predicting(() => ({ y: tf.zeros([2]), x: 3 })),
      /output "x" of PredictSpec: expected a tensor, got number/,
    ],
    [
      'a tensor',
      predicting(() => tf.zeros([2])),
      /output of PredictSpec: expected a dictionary of tensors, got Tensor/,
    ],
    ['an array', predicting(() => [tf.zeros([2])]), /output of PredictSpec: .* got \[Tensor\]/],
    ['nothing', predicting({}), /output of PredictSpec: .* got an empty one/],
    [
      'a metric that is a function',
      evaluating({ a: () => 0 }),
      /metric "a" of EvaluationSpec.*got function\. Make the dictionary the function/,
    ],
    [
      'a metric that is half',
      evaluating({ a: { update: 1, result: 2 } }),
      /metric "a" of EvaluationSpec.*got Object/,
    ],
    [
      'a metric that is a tensor',
      evaluating(() => ({ a: tf.zeros([2]) })),
      /metric "a".*got Tensor.*metrics\.mean/,
    ],
  ])('%s', (_, modelFn, message) => {
    expect(() => train(modelFn)).toThrow(message);
  });

  it('and a right one is not', () => {
    train(evaluating(() => ({ a: metrics.mean({ values: tf.zeros([2]) }) })));
  });
});
