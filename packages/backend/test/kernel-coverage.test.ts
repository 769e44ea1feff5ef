import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerTrainingGradients } from '../src/gradients/training-gradients';
import { registerWasmTrainingKernels } from '../src/wasm';
import { imageLayers, layerCases } from './support/layer-cases';
import { stepOf } from './support/layer-step';
import { recordKernels } from './support/record-kernels';
import * as parts from './support/training-parts';
import { values } from './support/values';

beforeAll(async () => {
  await tf.setBackend('cpu');
  registerTrainingGradients();
});

/** Collects the class names in a serialized model. */
const classNamesIn = (json: unknown): string[] => {
  if (typeof json !== 'object' || json === null) return [];
  const { class_name: name } = json as { class_name?: unknown };
  return [
    ...(typeof name === 'string' ? [name] : []),
    ...Object.values(json).flatMap(classNamesIn),
  ];
};

/** The classes that tfjs-layers registers with a given base class. */
const registeredClasses = (base: typeof tf.layers.Layer | typeof tf.Optimizer): string[] =>
  Object.entries(tf.serialization.SerializationMap.getMap().classNameMap)
    .filter(([, [registered]]) => registered.prototype instanceof base)
    .map(([name]) => name);

describe('the cases contain', () => {
  it('every layer', () => {
    const models = Object.values(layerCases).map((layerCase) => stepOf(layerCase).model);
    const covered = new Set([
      ...models.flatMap((model) => classNamesIn(model.toJSON(undefined, false))),
      ...Object.values(imageLayers).map((make) => make().getClassName()),
      // ConvLSTM2D creates its cell itself and does not serialize it.
      'ConvLSTM2DCell',
      // Models are layers too.
      ...['Model', 'Functional', 'Sequential'],
    ]);
    expect(registeredClasses(tf.layers.Layer).filter((name) => !covered.has(name))).toEqual([]);
  });

  it('every optimizer', () => {
    const covered = Object.values(parts.optimizers).map((make) => make().getClassName());
    expect(covered.toSorted()).toEqual(registeredClasses(tf.Optimizer).toSorted());
  });

  it('every loss, metric, regularizer, constraint and initializer', () => {
    const measured = new Set(Object.keys({ ...parts.losses, ...parts.metrics }));
    const aliases = ['MAPE', 'MSE', 'mape', 'mse'];
    const all = [...Object.keys(tf.losses), ...Object.keys(tf.metrics)];
    expect(all.filter((name) => !measured.has(name) && !aliases.includes(name))).toEqual([]);
    expect(Object.keys(parts.regularizers)).toEqual(Object.keys(tf.regularizers).toSorted());
    expect(Object.keys(parts.constraints)).toEqual(Object.keys(tf.constraints).toSorted());
    expect(Object.keys(parts.initializers)).toEqual(Object.keys(tf.initializers).toSorted());
  });
});

const denseModel = (options: object): tf.LayersModel => {
  const source = tf.input({ shape: [4] });
  const head = tf.layers.dense({ units: 4, ...options }).apply(source) as tf.SymbolicTensor;
  return tf.model({ inputs: source, outputs: head });
};

/** Trains one step with `trainOnBatch()`, which applies regularizers and constraints. */
const trainOnce = async (model: tf.LayersModel, optimizer: tf.Optimizer = tf.train.sgd(0.1)) => {
  model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['accuracy'] });
  await model.trainOnBatch(values(1, [2, 4]), values(2, [2, 4]));
};

/** Uses every part of tfjs for training once, on the current backend. */
const runEverything = async (): Promise<void> => {
  const [y, x] = [values(1, [3, 4]), values(2, [3, 4])];
  for (const layerCase of Object.values(layerCases)) {
    const { loss, variables, predict } = stepOf(layerCase);
    predict();
    tf.variableGrads(loss, variables);
  }
  for (const make of Object.values(imageLayers)) make().apply(values(1, [2, 6, 6, 2]));
  for (const loss of Object.values(parts.losses)) tf.grad((logits) => loss(y, logits))(x);
  for (const metric of Object.values(parts.metrics)) metric(y, x);
  const { regularizers, constraints, initializers } = parts;
  for (const make of Object.values(parts.optimizers)) await trainOnce(denseModel({}), make());
  for (const activation of parts.activations) await trainOnce(denseModel({ activation }));
  for (const make of Object.values(regularizers)) {
    await trainOnce(denseModel({ kernelRegularizer: make() }));
  }
  for (const make of Object.values(constraints)) {
    await trainOnce(denseModel({ kernelConstraint: make() }));
  }
  for (const make of Object.values(initializers)) denseModel({ kernelInitializer: make() });
};

describe('of the kernels that training needs, wasm', async () => {
  await tf.setBackend('cpu');
  registerTrainingGradients();
  const needed = await recordKernels(runEverything);
  const missing = () => needed.filter((name) => tf.getKernel(name, 'wasm') === undefined);

  it('lacks these in stock', () => {
    expect(missing()).toEqual([
      'Conv2DBackpropFilter',
      'DepthwiseConv2dNativeBackpropFilter',
      'DepthwiseConv2dNativeBackpropInput',
      'UnsortedSegmentSum',
    ]);
  });

  it('lacks none with the training kernels', () => {
    registerWasmTrainingKernels();
    expect(missing()).toEqual([]);
  });
});
