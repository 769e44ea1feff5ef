import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { trace } from '../trace/trace';
import { type RandomSource, seededRandomSource, withRandomSource } from './random-layers';

let tensors: number;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  tensors = tf.memory().numTensors;
});

afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensors);
});

const valuesOf = (make: () => tf.Tensor): number[] => {
  const tensor = tf.tidy(make);
  const values = Array.from(tensor.dataSync());
  tensor.dispose();
  return values;
};

interface Cell {
  readonly dropoutMask: tf.Tensor[] | null;
  readonly recurrentDropoutMask: tf.Tensor[] | null;
}

const stackOf = (layer: tf.layers.Layer): readonly Cell[] => {
  const { cell } = layer as unknown as { cell?: { cells?: readonly Cell[] } };
  return cell?.cells ?? [];
};

const masksOf = ({ dropoutMask, recurrentDropoutMask }: Cell): tf.Tensor[] => [
  ...(dropoutMask ?? []),
  ...(recurrentDropoutMask ?? []),
];

type Make = () => tf.layers.Layer;

const recurrent = { dropout: 0.5, recurrentDropout: 0.5, kernelInitializer: 'ones' } as const;
const stacked = () =>
  tf.layers.stackedRNNCells({
    cells: [
      tf.layers.lstmCell({ units: 3, ...recurrent }),
      tf.layers.gruCell({ units: 2, ...recurrent }),
    ],
  });
const layers: readonly (readonly [name: string, make: Make, shape: readonly number[]])[] = [
  ['dropout', () => tf.layers.dropout({ rate: 0.5 }), [40]],
  ['dropout with a noise shape', () => tf.layers.dropout({ rate: 0.5, noiseShape: [6, 1] }), [40]],
  ['spatial dropout', () => tf.layers.spatialDropout1d({ rate: 0.5 } as never), [3, 8]],
  ['Gaussian noise', () => tf.layers.gaussianNoise({ stddev: 1 }), [40]],
  ['Gaussian dropout', () => tf.layers.gaussianDropout({ rate: 0.5 }), [40]],
  ['alpha dropout', () => tf.layers.alphaDropout({ rate: 0.5 }), [40]],
  ['a simple RNN', () => tf.layers.simpleRNN({ units: 3, ...recurrent }), [4, 5]],
  ['a GRU', () => tf.layers.gru({ units: 3, ...recurrent }), [4, 5]],
  ['an LSTM', () => tf.layers.lstm({ units: 3, ...recurrent }), [4, 5]],
  ['stacked cells', () => tf.layers.rnn({ cell: stacked() }) as tf.layers.Layer, [4, 5]],
  [
    'a convolutional LSTM',
    () => tf.layers.convLstm2d({ filters: 2, kernelSize: 1, ...recurrent }),
    [3, 4, 4, 2],
  ],
];

describe.each(layers)('%s', (_, make, shape) => {
  const apply = (layer: tf.layers.Layer, training = true) =>
    layer.apply(tf.ones([6, ...shape]).div(4), { training }) as tf.Tensor;

  test('draws from the source, and as its graph', () => {
    const layer = make();
    layer.apply(tf.input({ shape: [...shape] }));
    const before = tf.memory().numTensors;
    const eager = (seed: number): number[] =>
      valuesOf(() => withRandomSource(seededRandomSource(seed), () => apply(layer)));

    expect(eager(1)).toEqual(eager(1));
    expect(eager(1)).not.toEqual(eager(2));

    const graph = trace(() => apply(layer), {});
    const replayed = valuesOf(() => graph.run('output', {}, { seed: 1 }));
    graph.dispose();
    expect(replayed).toEqual(eager(1));
    // The masks of recurrent cells are gone.
    expect(tf.memory().numTensors).toBe(before);
  });

  test('draws nothing when it is not training', () => {
    const layer = make();
    const draw: RandomSource = () => {
      throw new Error('A draw.');
    };
    const expected = valuesOf(() => apply(layer, false));
    expect(valuesOf(() => withRandomSource(draw, () => apply(layer, false)))).toEqual(expected);
    // Without a source, tfjs never frees the masks of stacked cells.
    for (const cell of stackOf(layer)) tf.dispose([...masksOf(cell)]);
  });
});

describe('a source', () => {
  const constant =
    (value: number): RandomSource =>
    (_, shape) =>
      tf.fill([...shape], value);
  const layer = tf.layers.gaussianNoise({ stddev: 1 });
  const noise = () => layer.apply(tf.zeros([2]), { training: true }) as tf.Tensor;

  test('is called with the distribution, the shape and the parameters', () => {
    const draws: unknown[] = [];
    const draw: RandomSource = (...draw) => {
      draws.push(draw);
      return tf.zeros([2]);
    };
    valuesOf(() => withRandomSource(draw, noise));
    expect(draws).toEqual([['normal', [2], { mean: 0, stddev: 1 }]]);
  });

  test('is used in its call only, the innermost first', () => {
    const drawn = valuesOf(() =>
      withRandomSource(constant(1), () =>
        tf.concat([noise(), withRandomSource(constant(2), noise), noise()]),
      ),
    );
    expect(drawn).toEqual([1, 1, 2, 2, 1, 1]);
    expect(() =>
      withRandomSource(constant(1), () => {
        throw new RangeError('by the function');
      }),
    ).toThrow('by the function');
    // Without a source, tfjs draws.
    expect(valuesOf(noise)).not.toEqual(valuesOf(noise));
  });

  test('restores the masks that a cell had', () => {
    const layer = tf.layers.rnn({ cell: stacked() }) as tf.layers.Layer;
    const apply = () => layer.apply(tf.ones([1, 2, 3]), { training: true }) as tf.Tensor;
    valuesOf(apply);
    const masks = stackOf(layer).flatMap(masksOf);
    valuesOf(() => withRandomSource(seededRandomSource(1), apply));
    expect(stackOf(layer).flatMap(masksOf)).toEqual(masks);
    expect(masks.map(({ isDisposed }) => isDisposed)).toEqual(masks.map(() => false));
    tf.dispose(masks);
  });

  test('can be used in a gradient', () => {
    const lstm = tf.layers.lstm({ units: 2, ...recurrent });
    lstm.apply(tf.input({ shape: [2, 3] }));
    const gradient = (seed: number) =>
      valuesOf(() =>
        tf.grad((x) =>
          withRandomSource(
            seededRandomSource(seed),
            () => lstm.apply(x, { training: true }) as tf.Tensor,
          ),
        )(tf.ones([1, 2, 3])),
      );
    expect(gradient(3)).toEqual(gradient(3));
    expect(gradient(3)).not.toEqual(gradient(4));
  });
});

test('tfjs still numbers its layers', () => {
  withRandomSource(seededRandomSource(1), () => undefined);
  const first = tf.layers.alphaDropout({ rate: 0.5 }).name;
  expect(first).toMatch(/_AlphaDropout\d+$/);
});
