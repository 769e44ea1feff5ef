import { useBackend } from '@elistimator/backend';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trace } from './trace';
import { TraceError } from './trace-error';

const x = { x: { shape: [null, 4] } };
const values = () => tf.linspace(-1, 1, 12).reshape([3, 4]);

/** Expects the graph of a function to give what the function gives. */
const expectSame = (fn: (x: tf.Tensor) => tf.Tensor): void => {
  const graph = trace(({ x }) => fn(x as tf.Tensor), x);
  const input = values();
  expect(graph.run('output', { x: input }).arraySync()).toEqual(fn(input).arraySync());
  graph.dispose();
};

/** Ways in which a kernel that calls other operations may end. */
const endings: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  'a copy of a result': (x) => tf.clone(tf.mul(x, 2)),
  'a copy of a copy': (x) => tf.clone(tf.clone(tf.mul(x, 2))),
  'a copy of its input': (x) => tf.clone(x),
  'its input': (x) => x,
  'a reshaped copy of its input': (x) => tf.reshape(tf.clone(x), [-1]),
  'a cast that changes nothing': (x) => tf.cast(tf.abs(x), 'float32'),
};

const kernelName = (ending: string) => `Test ${ending}`;

const call = (ending: string, x: tf.Tensor): tf.Tensor =>
  tf.engine().runKernel(kernelName(ending), { x }) as tf.Tensor;

describe('a kernel that ends in', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    for (const [ending, end] of Object.entries(endings)) {
      tf.registerKernel({
        kernelName: kernelName(ending),
        backendName: 'cpu',
        kernelFunc: ({ inputs }) => tf.tidy(() => end(inputs.x as tf.Tensor)),
      });
      tf.registerGradient({
        kernelName: kernelName(ending),
        inputsToSave: ['x'],
        outputsToSave: [true],
        gradFunc: (dy, saved) => ({
          x: () => (dy as tf.Tensor).mul((saved[1] as tf.Tensor).reshape((dy as tf.Tensor).shape)),
        }),
      });
    }
  });

  afterAll(() => {
    for (const ending of Object.keys(endings)) {
      tf.unregisterKernel(kernelName(ending), 'cpu');
      tf.unregisterGradient(kernelName(ending));
    }
  });

  test.each(Object.keys(endings))('%s', (ending) => {
    expectSame((x) => call(ending, x).add(1));
    expectSame((x) => call(ending, x));
  });

  test.each(Object.keys(endings).filter((ending) => !ending.includes('reshaped')))(
    '%s, and its gradient',
    (ending) => {
      expectSame(tf.grad((x) => call(ending, x).square().sum()));
    },
  );

  test('a copy: a variable can not be made of its gradient', () => {
    const isMadeOfInputs = () =>
      trace(({ x }) => {
        const gradient = tf.grad((x) => call('a copy of a result', x).sum());
        return tf.variable(gradient(x as tf.Tensor));
      }, x);
    expect(isMadeOfInputs).toThrow(TraceError);
    expect(isMadeOfInputs).toThrow(/computed from the inputs/);
  });
});

describe.each(['cpu', 'wasm'] as const)('einsum on %s', (backend) => {
  beforeAll(async () => {
    await useBackend({ backend });
  });

  const weights = () => tf.linspace(0, 1, 8).reshape([4, 2]);

  test.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['of matrices', (x) => tf.einsum('ij,jk->ik', x, weights())],
    ['that transposes', (x) => tf.einsum('ij->ji', x)],
    ['that copies', (x) => tf.einsum('ij->ij', x)],
    ['that sums', (x) => tf.einsum('ij->i', x)],
    ['and its gradient', tf.grad((x) => tf.einsum('ij,jk->ik', x, weights()).square().sum())],
  ])('%s', (_, fn) => {
    expectSame(fn);
  });
});
