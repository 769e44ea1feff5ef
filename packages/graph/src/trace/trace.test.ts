import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Graph } from '../graph';
import { mixSeed, randomTensor } from '../random/random-tensor';
import { trace } from './trace';
import type { TracedFunction } from './tracer';

const x = { x: { shape: [null, 4] } };
type Step = (inputs: { x: tf.Tensor2D }) => tf.Tensor | Record<string, tf.Tensor>;
const graphs: Graph[] = [];
const traceAny: typeof trace = (...args) => {
  const graph = trace(...args);
  graphs.push(graph);
  return graph;
};
/** A function of one input `x`, `[batch, 4]`. */
const traced = (fn: Step, options = {}) => traceAny(fn as unknown as TracedFunction, x, options);
const names = (graph: Graph) => graph.operations.map(({ name }) => name);

let tensors: number;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

beforeEach(() => {
  tensors = tf.memory().numTensors;
});

const free = () => {
  for (const graph of graphs.splice(0)) graph.dispose();
  tf.disposeVariables();
};

/** Some of tfjs's optimizers keep a scalar, also when they are disposed. */
const forgetOptimizers = () => {
  free();
  tensors = tf.memory().numTensors;
};

afterEach(() => {
  free();
  expect(tf.memory().numTensors).toBe(tensors);
});

const variable = (values: tf.TensorLike, name?: string): tf.Variable =>
  tf.tidy(() => tf.variable(tf.tensor(values), true, name));

describe('a trace restores', () => {
  const optimizers: [string, () => tf.Optimizer, slots: number, initial: number][] = [
    ['gradient descent', () => tf.train.sgd(0.1), 0, 0],
    ['momentum', () => tf.train.momentum(0.1, 0.9), 1, 0],
    ['Adam', () => tf.train.adam(0.1), 2, 0],
    ['Adagrad', () => tf.train.adagrad(0.1, 0.25), 1, 0.25],
  ];

  test.each(optimizers)('variables, %s and memory', (_, make, slots, initial) => {
    const weights = variable([1, 2, 3, 4], 'weights');
    const optimizer = make();
    const known = new Set(Object.values(tf.engine().registeredVariables));
    const before = [...known].map((each) => Array.from(each.dataSync()));
    const count = tf.memory().numTensors;
    const minimize = ({ x }: { x: tf.Tensor2D }) =>
      optimizer.minimize(() => x.mul(weights).square().mean(), true) as tf.Tensor;

    const graph = traced(minimize);

    expect([...known].map((each) => Array.from(each.dataSync()))).toEqual(before);
    expect(optimizer.iterations).toBe(0);
    const made = Object.values(tf.engine().registeredVariables).filter((each) => !known.has(each));
    expect(made.map((each) => Array.from(each.dataSync()))).toEqual(
      Array.from({ length: slots }, () => Array(4).fill(initial)),
    );
    expect(tf.memory().numTensors).toBe(count + slots);

    // Unlike the trace, a run assigns.
    graph
      .runSignature('default', { x: tf.ones([3, 4]) }, { commit: true })
      .outputs.output?.dispose();
    expect(Array.from(weights.dataSync())).not.toEqual([1, 2, 3, 4]);
    optimizer.dispose();
    forgetOptimizers();
  });

  test('the engine and the classes of tfjs', () => {
    // The classes of noise layers are patched once.
    traced(({ x }) => x.neg());
    const engine = tf.engine();
    const before = [
      Object.getOwnPropertyNames(engine).sort(),
      tf.Variable.prototype.assign,
      tf.layers.Layer.prototype.apply,
      Object.getPrototypeOf(tf.layers.dropout({ rate: 0.5 })).call,
      Date.now,
      performance.now,
    ];
    traced(({ x }) => x.neg());
    expect(() =>
      traced(() => {
        throw new Error('by the function');
      }),
    ).toThrow('by the function');
    expect([
      Object.getOwnPropertyNames(engine).sort(),
      tf.Variable.prototype.assign,
      tf.layers.Layer.prototype.apply,
      Object.getPrototypeOf(tf.layers.dropout({ rate: 0.5 })).call,
      Date.now,
      performance.now,
    ]).toEqual(before);
  });

  test('everything when the function throws, even in a gradient', () => {
    const weights = variable([1, 2, 3, 4]);
    const optimizer = tf.train.sgd(0.1);
    const count = tf.memory().numTensors;
    const failing = ({ x }: { x: tf.Tensor2D }) => {
      optimizer.minimize(() => x.mul(weights).square().mean());
      weights.assign(tf.zeros([4]));
      return optimizer.minimize(() => {
        x.mul(weights).exp();
        throw new RangeError('half-way');
      }, true) as tf.Tensor;
    };
    expect(() => traced(failing)).toThrow(new RangeError('half-way'));
    expect(Array.from(weights.dataSync())).toEqual([1, 2, 3, 4]);
    expect(optimizer.iterations).toBe(0);
    expect(tf.memory().numTensors).toBe(count);
    expect(tf.engine().state.activeTape).toBeNull();
    optimizer.dispose();
    forgetOptimizers();
  });

  test('the scopes that the function left open', () => {
    expect(() =>
      traced(({ x }) => {
        tf.engine().startScope('open');
        tf.engine().startScope('wide');
        x.neg();
        throw new RangeError('within');
      }),
    ).toThrow(new RangeError('within'));
    expect(tf.engine().state.scopeStack).toEqual([]);
  });

  test('outputs that the function kept', () => {
    const count = tf.memory().numTensors;
    traced(({ x }) => ({ kept: tf.keep(x.neg()), same: x }));
    expect(tf.memory().numTensors).toBe(count);
  });
});

describe('variables', () => {
  test('that the first call creates keep their initial values', () => {
    const layer = tf.layers.dense({ units: 2, kernelInitializer: 'ones', name: 'late' });
    const graph = traced(({ x }) => layer.apply(x) as tf.Tensor);
    expect(graph.variables.map(({ name }) => name)).toEqual(['late/kernel', 'late/bias']);
    const inputs = tf.tensor2d([[1, 2, 3, 4]]);
    const output = graph.run('output', { x: inputs });
    expect(output.arraySync()).toEqual([[10, 10]]);
    tf.dispose([inputs, output]);
  });

  test('have the value that was last assigned', () => {
    const total = variable(1, 'total');
    const graph = traced(({ x }) => {
      const before = total.clone();
      total.assign(total.add(x.sum()));
      const middle = total.mul(10);
      total.assign(total.mul(2));
      return { before, middle, after: total };
    });
    const inputs = tf.ones([1, 4]);
    const { outputs, updates } = graph.runSignature('default', { x: inputs });
    expect(
      tf.tidy(() => Object.entries(outputs).map(([name, t]) => [name, t.arraySync()])),
    ).toEqual([
      ['before', 1],
      ['middle', 50],
      ['after', 10],
    ]);
    expect(updates.total?.arraySync()).toBe(10);
    expect(total.arraySync()).toBe(1);
    tf.dispose([inputs, outputs, updates]);
  });

  test('are named by variableName', () => {
    const weights = variable([1, 2, 3, 4]);
    const graph = traced(({ x }) => x.mul(weights), { variableName: () => 'net/weights' });
    expect(graph.variables).toMatchObject([{ name: 'net/weights', trainable: true, shape: [4] }]);
  });

  test('reject an assignment of another shape, as without a trace', () => {
    const weights = variable([1, 2]);
    expect(() =>
      traced(({ x }) => {
        weights.assign(x.sum(0) as never);
        return x;
      }),
    ).toThrow('shape of the new value');
    expect(weights.arraySync()).toEqual([1, 2]);
  });
});

describe('names', () => {
  test('come from scopes and kernels, or from operations', () => {
    const bias = variable([1, 2, 3, 4], 'dense/bias');
    const graph = traced(({ x }) => {
      const hidden = tf.tidy('dense', () => tf.relu(tf.matMul(x, x, true).add(bias)));
      return { a: tf.softmax(hidden), b: tf.softmax(x), c: tf.losses.meanSquaredError(x, x.neg()) };
    });
    expect(names(graph)).toEqual([
      'x',
      'dense/MatMul',
      'dense/bias',
      'dense/BiasAdd',
      'dense/Relu',
      'softmax',
      'softmax_1',
      'neg',
      'meanSquaredError/SquaredDifference',
      'meanSquaredError/Sum',
      'meanSquaredError/Const',
      'meanSquaredError',
    ]);
  });

  test('of layers come from the layer, unless it is in a scope', () => {
    const layers = [1, 2].map((units) => tf.layers.dense({ units, name: `layer${units}` }));
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [4] }), ...layers] });
    const alone = traced(({ x }) => model.apply(x) as tf.Tensor);
    expect(names(alone)).toContain('layer1/MatMul');
    const scoped = traced(({ x }) => tf.tidy('net', () => layers[0]?.apply(x) as tf.Tensor));
    expect(names(scoped)).toContain('net/MatMul');
  });

  test('of outputs come from lists and objects', () => {
    const fn = ({ x: input }: Record<string, tf.Tensor>) => {
      const x = input as tf.Tensor;
      return { heads: [x.neg(), { deep: x.abs() }], loss: x.sum() };
    };
    const graph = traceAny(fn, x);
    expect(Object.keys(graph.signatures.default?.outputs ?? {})).toEqual([
      'heads/0',
      'heads/1/deep',
      'loss',
    ]);
  });
});

describe('random numbers', () => {
  const draw = (graph: Graph, seed: number) => {
    const inputs = tf.ones([5, 4]);
    const output = graph.run('output', { x: inputs }, { seed });
    const values = Array.from(output.dataSync());
    tf.dispose([inputs, output]);
    return values;
  };

  test('equal those of the same code under the same seed', () => {
    const noisy = (seed: number) => (inputs: { x: tf.Tensor2D }) =>
      inputs.x
        .mul(randomTensor({ distribution: 'uniform', shape: inputs.x.shape, seed, index: 0 }))
        .add(
          randomTensor({
            distribution: 'truncatedNormal',
            shape: [4],
            parameters: { mean: 3, stddev: 0.1 },
            seed,
            index: 1,
          }),
        );
    const graph = traced(noisy(1));
    const eager = tf.tidy(() => Array.from(noisy(9)({ x: tf.ones([5, 4]) }).dataSync()));
    expect(draw(graph, 9)).toEqual(eager);
    expect(draw(graph, 10)).not.toEqual(eager);
  });

  test.each<[string, (rate: number) => tf.layers.Layer, mean: number]>([
    ['dropout', (rate) => tf.layers.dropout({ rate }), 1],
    ['Gaussian dropout', (rate) => tf.layers.gaussianDropout({ rate }), 1],
    ['Gaussian noise', (stddev) => tf.layers.gaussianNoise({ stddev }), 1],
  ])('of a layer of %s differ between seeds', (_, make, mean) => {
    const layer = make(0.25);
    const shape = { x: { shape: [null, 400] } };
    const apply = (training: boolean) => (inputs: Record<string, tf.Tensor>) =>
      layer.apply(inputs.x as tf.Tensor, { training }) as tf.Tensor;
    const graph = traceAny(apply(true), shape);
    const inputs = { x: tf.ones([25, 400]) };
    const [first, again, other] = [1, 1, 2].map((seed) => {
      const output = graph.run('output', inputs, { seed });
      const values = Array.from(output.dataSync());
      output.dispose();
      return values;
    });
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    const average = (first ?? []).reduce((sum, value) => sum + value / 10_000, 0);
    expect(Math.abs(average - mean)).toBeLessThan(0.02);
    expect(names(traceAny(apply(false), shape))).toEqual(['x']);
    tf.dispose(inputs);
  });

  test('of spatial dropout drop channels in all time steps', () => {
    const layer = tf.layers.spatialDropout1d({ rate: 0.5 } as never);
    const graph = traceAny(
      (inputs) => layer.apply(inputs.x as tf.Tensor, { training: true }) as tf.Tensor,
      {
        x: { shape: [null, 3, 8] },
      },
    );
    const inputs = { x: tf.ones([4, 3, 8]) };
    const output = graph.run('output', inputs, { seed: 5 });
    const rows = output.arraySync() as number[][][];
    for (const example of rows) expect(example[1]).toEqual(example[0]);
    expect(new Set(rows.flat(2))).toEqual(new Set([0, 2]));
    tf.dispose([inputs, output]);
  });

  test.each<[string, () => tf.layers.Layer]>([
    ['an LSTM', () => tf.layers.lstm({ units: 3, dropout: 0.5, recurrentDropout: 0.5 })],
    ['a GRU', () => tf.layers.gru({ units: 3, dropout: 0.5, recurrentDropout: 0.5 })],
    ['a simple RNN', () => tf.layers.simpleRNN({ units: 3, dropout: 0.5 })],
  ])('in %s differ between seeds, and leave no masks', (_, make) => {
    const layer = make();
    layer.apply(tf.input({ shape: [2, 4] }));
    const count = tf.memory().numTensors;
    const graph = traceAny(
      (inputs) => layer.apply(inputs.x as tf.Tensor, { training: true }) as tf.Tensor,
      {
        x: { shape: [null, 2, 4] },
      },
    );
    expect(tf.memory().numTensors).toBe(count);
    const inputs = { x: tf.ones([6, 2, 4]) };
    const outputs = [1, 1, 2].map((seed) => {
      const output = graph.run('output', inputs, { seed });
      const values = Array.from(output.dataSync());
      output.dispose();
      return values;
    });
    expect(outputs[0]).toEqual(outputs[1]);
    expect(outputs[0]).not.toEqual(outputs[2]);
    tf.dispose(inputs);
  });
});

test('a mixed seed determines the draw', () => {
  const values = Array.from({ length: 3 }, () =>
    tf.tidy(() =>
      Array.from(
        randomTensor({ distribution: 'normal', shape: [3], seed: mixSeed(0), index: 0 }).dataSync(),
      ),
    ),
  );
  expect(values[1]).toEqual(values[0]);
  expect(values[2]).toEqual(values[0]);
});

test('inputs of every dtype, without a batch', () => {
  const graph = traceAny(
    ({ flags, texts, numbers, waves }) => ({
      chosen: tf.where(flags as tf.Tensor, numbers as tf.Tensor, tf.scalar(-1, 'int32')),
      row: (texts as tf.Tensor).reshape([1, 2]),
      real: tf.real(waves as tf.Tensor),
    }),
    {
      flags: { shape: [3], dtype: 'bool' },
      texts: { shape: [2], dtype: 'string' },
      numbers: { shape: [3], dtype: 'int32' },
      waves: { shape: [2], dtype: 'complex64' },
    },
  );
  const feeds = {
    flags: tf.tensor1d([true, false, true]),
    texts: tf.tensor1d(['a', 'b']),
    numbers: tf.tensor1d([1, 2, 3], 'int32'),
    waves: tf.complex([1, 2], [3, 4]),
  };
  const outputs = graph.run({ chosen: 'chosen', row: 'row', real: 'real' }, feeds);
  expect(outputs.chosen.arraySync()).toEqual([1, -1, 3]);
  expect(outputs.row.arraySync()).toEqual([['a', 'b']]);
  expect(outputs.real.arraySync()).toEqual([1, 2]);
  tf.dispose([feeds, outputs]);
});

test('synthetic inputs are in their range', () => {
  const made: Record<string, number[]> = { id: [], weight: [] };
  const table = variable([[1], [2], [3]]);
  const fn = ({ id, weight }: Record<string, tf.Tensor>) => {
    for (const [name, tensor] of Object.entries({ id, weight })) {
      // A trace records reads of tensors, not reads from the backend.
      if (tensor) made[name]?.push(...(tf.backend().readSync(tensor.dataId) as Float32Array));
    }
    const row = tf.gather(table, (id as tf.Tensor1D).sub(tf.scalar(5, 'int32')));
    return row.squeeze([1]).mul(weight as tf.Tensor);
  };
  const graph = traceAny(fn, {
    id: { shape: [null], dtype: 'int32', range: [5, 7] },
    weight: { shape: [null], range: [-2, -1] },
  });
  expect(new Set(made.id)).toEqual(new Set([5, 7]));
  expect(made.weight?.every((value) => value >= -2 && value <= -1)).toBe(true);
  const result = tf.tidy(() => {
    const feeds = { id: tf.tensor1d([6, 5, 7], 'int32'), weight: tf.tensor1d([1, 2, 3]) };
    return Object.values(graph.runSignature('default', feeds).outputs)[0]?.arraySync();
  });
  expect(result).toEqual([2, 2, 9]);

  const ofRange = (range: readonly [number, number]) => () =>
    trace((inputs) => inputs, { id: { shape: [null], dtype: 'int32', range } });
  expect(ofRange([0.5, 2])).toThrow(/a range of int32 from low to high.*\[0\.5, 2\]/);
  expect(ofRange([2, 1])).toThrow(/range/);
});

test('constants that contain the batch size become symbolic numbers', () => {
  const graph = traced(({ x }) => x.div(x.shape[0]).add(tf.ones(x.shape)));
  const constants = graph.nodes.filter(({ kind }) => kind === 'constant');
  expect(constants).toMatchObject([
    { name: 'div/Const', values: { fill: { batch: [0, 1, 0] } }, outputs: [{ shape: [] }] },
    { values: { fill: 1 }, outputs: [{ shape: [{ batch: [0, 1, 0] }, 4] }] },
  ]);
});

test('a graph that runs in a traced function becomes part of its graph', () => {
  const inner = traced(({ x }) =>
    x.add(1).mul(randomTensor({ distribution: 'uniform', shape: x.shape, seed: 1, index: 0 })),
  );
  const outer = traced(({ x }) => inner.run('output', { x: x.neg() }, { seed: 3 }).square());
  expect(outer.operations.map(({ type }) => type)).toEqual([
    'Placeholder',
    'Neg',
    'Const',
    'AddV2',
    'RandomUniform',
    'Mul',
    'Square',
  ]);
});

test('transforms of complex numbers', () => {
  const graph = traced(({ x }) => tf.spectral.irfft(tf.spectral.rfft(x)));
  const inputs = { x: tf.tensor2d([[1, 2, 3, 4]]) };
  const output = graph.run('output', inputs);
  const values = Array.from(output.dataSync());
  expect(values.map(Math.round)).toEqual([1, 2, 3, 4]);
  tf.dispose([inputs, output]);
});

test('a stored graph runs like the traced one', () => {
  const weights = variable([1, 2, 3, 4], 'weights');
  const graph = traced(({ x }) => x.mul(weights).sum(1));
  const read = Graph.fromBytes(graph.toBytes());
  graphs.push(read);
  const inputs = { x: tf.ones([2, 4]) };
  const output = read.run('output', inputs, { variables: { weights } });
  expect(output.arraySync()).toEqual([10, 10]);
  tf.dispose([inputs, output]);
});
