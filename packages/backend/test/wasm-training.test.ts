import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { imageLayers, type LayerCase, layerCases } from './support/layer-cases';
import { type Step, stepOf } from './support/layer-step';
import {
  activations,
  constraints,
  losses,
  metrics,
  optimizers,
  regularizers,
} from './support/training-parts';
import { values } from './support/values';
import { distance, expectAsOnCpu, startWasm } from './support/wasm';

beforeAll(async () => {
  await startWasm();
  // tfjs's leak check reports tensors that a gradient keeps, or that move between backends.
  tf.env().set('IS_TEST', false);
});

const numbersIn = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];

const gradientsOn = async (backend: string, { variables, loss }: Step) => {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss, variables);
    return [numbersIn(value), ...variables.map(({ name }) => numbersIn(grads[name]))];
  });
};

const expectGradientsAsOnCpu = async (step: Step): Promise<void> => {
  const expected = await gradientsOn('cpu', step);
  const actual = await gradientsOn('wasm', step);
  actual.forEach((gradient, index) => {
    expect(gradient.length).toBeGreaterThan(0);
    expect(distance(gradient, expected[index] ?? [])).toBeLessThan(1e-4);
  });
};

/** Trains on the current backend; returns the loss of each step. */
const train = (step: Step, optimizer: tf.Optimizer, steps: number): number[] => {
  const stepLosses = Array.from({ length: steps }, () => {
    const loss = optimizer.minimize(step.loss, true, step.variables);
    const [value = Number.NaN] = loss?.dataSync() ?? [];
    loss?.dispose();
    return value;
  });
  optimizer.dispose();
  return stepLosses;
};

const expectToTrain = async (step: Step): Promise<void> => {
  await tf.setBackend('wasm');
  const numTensors = tf.memory().numTensors;
  const [first = Number.NaN, ...rest] = train(step, tf.train.adam(0.01), 16);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(rest.at(-1)).toBeLessThan(first);
};

/**
 * For random layers: tfjs's dropout layers leak their masks, and a loss with noise may increase.
 */
const expectFiniteSteps = async (step: Step): Promise<void> => {
  await tf.setBackend('wasm');
  for (const loss of train(step, tf.train.adam(0.01), 3)) expect(loss).not.toBeNaN();
};

const dense = (options: object = {}): LayerCase => ({
  input: [6],
  apply: (x) => tf.layers.dense({ units: 5, ...options }).apply(x) as tf.SymbolicTensor,
});

describe('on wasm, a model trains with', () => {
  it.each(Object.entries(layerCases))('%s', async (_, layerCase) => {
    const step = stepOf(layerCase);
    if (layerCase.random) return expectFiniteSteps(step);
    await expectGradientsAsOnCpu(step);
    return expectToTrain(step);
  });

  it.each(activations)('the activation %s', async (activation) => {
    const step = stepOf(dense({ activation }));
    await expectGradientsAsOnCpu(step);
    await expectToTrain(step);
  });
});

describe('on wasm, the gradient of a loss matches cpu:', () => {
  it.each(Object.entries(losses))('%s', async (_, loss) => {
    await expectAsOnCpu(() => {
      const [y, x] = [values(1, [5, 4]), values(2, [5, 4])];
      return [loss(y, x), tf.grad((logits) => loss(y, logits))(x)];
    });
  });
});

describe('on wasm, a metric matches cpu:', () => {
  it.each(Object.entries(metrics))('%s', async (_, metric) => {
    await expectAsOnCpu(() => metric(values(1, [5, 4]), values(2, [5, 4])));
  });
});

describe('on wasm, the weights after three steps match cpu with', () => {
  /** Trains a dense layer with `trainOnBatch()`; returns its weights. */
  const weightsOn = async (backend: string, options: object, optimizer: tf.Optimizer) => {
    await tf.setBackend(backend);
    const head = tf.layers.dense({ units: 3, inputShape: [4], ...options });
    const model = tf.sequential({ layers: [head] });
    head.setWeights([values(3, [4, 3]), values(4, [3])]);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    for (let step = 0; step < 3; step++) {
      await model.trainOnBatch(values(step, [6, 4]), values(step + 9, [6, 3]));
    }
    return head.getWeights().flatMap(numbersIn);
  };
  const sgd = () => tf.train.sgd(0.1);
  const expectWeightsAsOnCpu = async (options: () => object, make: () => tf.Optimizer = sgd) => {
    const expected = await weightsOn('cpu', options(), make());
    const actual = await weightsOn('wasm', options(), make());
    expect(distance(actual, expected)).toBeLessThan(1e-4);
  };

  it.each(Object.entries(optimizers))('the optimizer %s', (_, make) =>
    expectWeightsAsOnCpu(() => ({}), make),
  );

  it.each(Object.entries(regularizers))('the regularizer %s', (_, make) =>
    expectWeightsAsOnCpu(() => ({ kernelRegularizer: make() })),
  );

  it.each(Object.entries(constraints))('the constraint %s', (_, make) =>
    expectWeightsAsOnCpu(() => ({ kernelConstraint: make(), biasConstraint: make() })),
  );
});

describe('on wasm, an image layer matches cpu:', () => {
  it.each(Object.keys(imageLayers).filter((name) => name !== 'randomWidth'))('%s', async (name) => {
    await expectAsOnCpu(() => {
      const layer = imageLayers[name]?.();
      return (layer?.apply(values(1, [2, 6, 6, 2])) as tf.Tensor | undefined) ?? [];
    });
  });
});
