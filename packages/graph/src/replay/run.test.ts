import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batch, DefinitionBuilder, float, linear, typeOf } from '../../test/definitions';
import { Graph, type SignatureResult } from '../graph';
import { FeedError } from './feeds';
import { VariableError } from './variables';

const linearFeeds = (size: number) => ({
  x: tf.randomUniform([size, 3], -1, 1, 'float32', 1),
  target: tf.randomUniform([size, 2], -1, 1, 'float32', 2),
});
const linearValues = () => ({
  w: tf.randomUniform([3, 2], -1, 1, 'float32', 3),
  b: tf.randomUniform([2], -1, 1, 'float32', 4),
});

/** The graph of `linear` as code. */
const linearEagerly = (
  feeds: ReturnType<typeof linearFeeds>,
  { w, b }: ReturnType<typeof linearValues>,
) => {
  const y = tf.add(tf.matMul(feeds.x as tf.Tensor2D, w as tf.Tensor2D), b);
  const sum = tf.sum(tf.squaredDifference(y, feeds.target), [0, 1]);
  const loss = tf.mul(sum, tf.scalar(1 / (feeds.x.shape[0] ?? 1)));
  return { y, loss, w: tf.mul(w, tf.scalar(0.5)), b: tf.add(b, loss) };
};

const discard = ({ outputs, updates }: SignatureResult) => tf.dispose([outputs, updates]);

describe.each(['cpu', 'wasm'])('a run on %s', (backend) => {
  let before = 0;
  beforeEach(async () => {
    await tf.setBackend(backend);
    tf.engine().startScope();
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    tf.engine().endScope();
    tf.disposeVariables();
  });
  const made = () => tf.memory().numTensors - before;

  it.each([1, 2, 5])('equals the code, bit for bit, on a batch of %i', (size) => {
    const graph = new Graph(linear());
    const [feeds, variables] = [linearFeeds(size), linearValues()];
    const expected = linearEagerly(feeds, variables);
    const { outputs, updates } = graph.runSignature('train', feeds, { variables });
    const y = graph.run('y', feeds, { variables });
    expect(y.dataSync()).toEqual(expected.y.dataSync());
    expect(outputs.loss?.dataSync()).toEqual(expected.loss.dataSync());
    expect(updates.w?.dataSync()).toEqual(expected.w.dataSync());
    expect(updates.b?.dataSync()).toEqual(expected.b.dataSync());
    graph.dispose();
  });

  it('leaves nothing in memory but its results, run after run', () => {
    const graph = new Graph(linear());
    const [feeds, variables] = [linearFeeds(4), linearValues()];
    discard(graph.runSignature('train', feeds, { variables }));
    const settled = made();
    const { outputs, updates } = graph.runSignature('train', feeds, { variables });
    expect(made() - settled).toBe(3);
    tf.dispose([outputs, updates]);
    const kept = tf.memory();
    for (let run = 0; run < 5; run++) discard(graph.runSignature('train', feeds, { variables }));
    expect(tf.memory().numTensors).toBe(kept.numTensors);
    expect(tf.memory().numBytes).toBe(kept.numBytes);
    expect(tf.memory().numDataBuffers).toBe(kept.numDataBuffers);
    graph.dispose();
    // The constant that is the same in every run, and the one that depends on the batch size.
    expect(made()).toBe(settled - 2);
  });

  it('computes what depends only on constants once for each batch size', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch));
    const size = builder.constant('size', float(), { fill: batch });
    const root = builder.kernel('root', 'Sqrt', { x: size }, float());
    const scaled = builder.kernel('scaled', 'RealDiv', { a: x, b: root }, float(batch));
    const large = builder.constant('large', float(batch, 1000), { fill: 1 });
    const sum = builder.kernel('sum', 'Sum', { x: large }, float(), { axis: null });
    const graph = new Graph(builder.signature('s', ['x'], { scaled, root, sum }).definition);
    const kernel = tf.getKernel('Sqrt', backend);
    let calls = 0;
    tf.unregisterKernel('Sqrt', backend);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (parameters) => {
        calls++;
        return kernel.kernelFunc(parameters);
      },
    });
    const run = (batchSize: number) =>
      tf.tidy(() => {
        const { outputs } = graph.runSignature('s', { x: tf.fill([batchSize], batchSize) });
        return ['scaled', 'root', 'sum'].map((name) => outputs[name]?.dataSync()[0]);
      });
    try {
      for (let repeat = 0; repeat < 3; repeat++) {
        expect(run(4)).toEqual([2, 2, 4000]);
        expect(run(9)).toEqual([3, 3, 9000]);
      }
      expect(calls).toBe(2);
      expect(made()).toBe(4);
      // Frees what it kept for the batch sizes that were used the longest ago.
      for (let batchSize = 10; batchSize < 30; batchSize++) run(batchSize);
      expect(made()).toBe(16);
      graph.dispose();
      expect(made()).toBe(0);
      expect(run(4)).toEqual([2, 2, 4000]);
      graph.dispose();
    } finally {
      tf.unregisterKernel('Sqrt', backend);
      tf.registerKernel(kernel);
    }
  });

  it('disposes each intermediate after its last use', () => {
    const builder = new DefinitionBuilder();
    let x = builder.placeholder('x', float(batch));
    for (let count = 0; count < 50; count++) {
      const [y, z] = [`a${count}`, `b${count}`].map((name) =>
        builder.kernel(name, 'Exp', { x }, float(batch)),
      );
      x = builder.kernel(`c${count}`, 'Sub', { a: y ?? x, b: z ?? x }, float(batch));
    }
    const graph = new Graph(builder.signature('s', ['x'], { y: x }).definition);
    const feed = tf.ones([8]);
    const kernel = tf.getKernel('Exp', backend);
    const counts: number[] = [];
    tf.unregisterKernel('Exp', backend);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (parameters) => {
        counts.push(made());
        return kernel.kernelFunc(parameters);
      },
    });
    try {
      graph.run('y', { x: feed });
    } finally {
      tf.unregisterKernel('Exp', backend);
      tf.registerKernel(kernel);
    }
    expect(counts).toHaveLength(100);
    // The feed, the input and the first of the two branches.
    expect(Math.max(...counts)).toBe(3);
  });

  it('computes only what is fetched', () => {
    const graph = new Graph(linear());
    const [{ x }, variables] = [linearFeeds(2), linearValues()];
    expect(graph.run('y', { x }, { variables }).shape).toEqual([2, 2]);
    expect(graph.run('dense/MatMul', { x }, { variables: { w: variables.w } }).shape).toEqual([
      2, 2,
    ]);
    expect(graph.run('half').dataSync()).toEqual(new Float32Array([0.5]));
    graph.dispose();
  });

  it('returns new tensors, also for placeholders, variables, constants and repeated fetches', () => {
    const graph = new Graph(linear());
    const [{ x }, variables] = [linearFeeds(2), linearValues()];
    const fetched = graph.run(['x', 'w', 'half', 'half', 'y', 'y'], { x }, { variables });
    expect(new Set(fetched).size).toBe(6);
    expect(fetched).not.toContain(x);
    const values = fetched.map((tensor) => tensor.dataSync());
    expect(values[0]).toEqual(x.dataSync());
    expect(values[1]).toEqual(variables.w.dataSync());
    expect(values[4]).toEqual(values[5]);
    tf.dispose(fetched);
    expect([x.isDisposed, variables.w.isDisposed]).toEqual([false, false]);
    expect(graph.run('half').dataSync()).toEqual(new Float32Array([0.5]));
    graph.dispose();
  });

  it('returns tensors in the form of the fetches', () => {
    const graph = new Graph(linear());
    const [feeds, variables] = [linearFeeds(2), linearValues()];
    const { mine } = graph.run({ mine: 'loss' }, feeds, { variables });
    const [listed] = graph.run(['loss'], feeds, { variables });
    expect(mine.dataSync()).toEqual(listed.dataSync());
    expect(graph.run([], {})).toEqual([]);
    expect(graph.run({}, {})).toEqual({});
    expect(
      Object.keys(graph.runSignature('train', feeds, { variables, outputs: [] }).outputs),
    ).toEqual([]);
    graph.dispose();
  });

  it('works in tf.tidy, which disposes the results but not what the graph keeps', () => {
    const graph = new Graph(linear());
    const [feeds, variables] = [linearFeeds(2), linearValues()];
    const kept = tf.tidy(() => {
      graph.runSignature('train', feeds, { variables });
      return graph.run('y', feeds, { variables });
    });
    expect(kept.isDisposed).toBe(false);
    // Two feeds, two variables, the result and two constants.
    expect(made()).toBe(7);
    expect(graph.run('half').dataSync()).toEqual(new Float32Array([0.5]));
    graph.dispose();
  });

  it('can be differentiated', () => {
    const graph = new Graph(linear());
    const [feeds, variables] = [linearFeeds(3), linearValues()];
    const replayed = tf.grad((w) => graph.run('loss', feeds, { variables: { ...variables, w } }));
    const eager = tf.grad((w) => linearEagerly(feeds, { ...variables, w: w as tf.Tensor2D }).loss);
    expect(replayed(variables.w).dataSync()).toEqual(eager(variables.w).dataSync());
    graph.dispose();
  });

  it('accepts arrays instead of tensors', () => {
    const graph = new Graph(linear());
    const variables = linearValues();
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const expected = graph.run('y', { x: tf.tensor2d(rows) }, { variables }).dataSync();
    const settled = made();
    expect(graph.run('y', { x: rows }, { variables }).dataSync()).toEqual(expected);
    expect(graph.run('y', { x: new Float32Array(rows.flat()) }, { variables }).dataSync()).toEqual(
      expected,
    );
    expect(made() - settled).toBe(2);
    graph.dispose();
  });

  it('leaves no tensor when a kernel fails', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch));
    const y = builder.kernel('y', 'Exp', { x }, float(batch));
    const z = builder.kernel('scope/z', 'NoSuchKernel', { x: y }, float(batch));
    const both = builder.kernel('both', 'Add', { a: y, b: z }, float(batch));
    const graph = new Graph(builder.signature('s', ['x'], { both }).definition);
    const feed = tf.ones([3]);
    expect(() => graph.run('both', { x: feed })).toThrow(/^scope\/z: .*NoSuchKernel/);
    expect(made()).toBe(1);
    expect(tf.engine().state.kernelDepth).toBe(0);
  });

  it('draws the same numbers under the same seed, and others without one', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch));
    const [a, b] = [builder.random('a', float(batch), 0), builder.random('b', float(batch), 1)];
    const y = builder.kernel('y', 'Add', { a: x, b: a }, float(batch));
    const graph = new Graph(builder.signature('s', ['x'], { y, a, b }).definition);
    const feeds = { x: tf.zeros([16]) };
    const draw = (seed?: number) => {
      const { y, a, b } = graph.runSignature('s', feeds, { seed }).outputs;
      return [y, a, b].map((tensor) => tensor?.dataSync());
    };
    const first = draw(7);
    expect(draw(7)).toEqual(first);
    expect(first[0]).toEqual(first[1]);
    expect(first[1]).not.toEqual(first[2]);
    expect(draw(8)).not.toEqual(first);
    expect(draw()).not.toEqual(draw());
  });
});

describe('feeds', () => {
  const graph = new Graph(linear());
  const variables = linearValues;
  beforeEach(() => tf.setBackend('cpu'));
  const run = (feeds: Parameters<Graph['run']>[1], fetch = 'loss') =>
    tf.tidy(() => graph.run(fetch, feeds, { variables: variables() }));

  it('that are missing are reported with what needs them', () => {
    expect(() => run({ x: tf.ones([2, 3]) })).toThrow(FeedError);
    expect(() => run({ x: tf.ones([2, 3]) })).toThrow(
      'placeholder "target" is not fed, but "loss/SquaredDifference" needs it to compute "loss". Feeds: "x".',
    );
    expect(() => run({}, 'x')).toThrow(
      'placeholder "x" is not fed, but "x" needs it. Feeds: none.',
    );
    expect(() => graph.runSignature('train', {}, { variables: variables() })).toThrow(
      'placeholder "x" is not fed, but "dense/MatMul" needs it to compute "loss"',
    );
    expect(() => graph.runSignature('train', {}, { variables: variables(), outputs: [] })).toThrow(
      'needs it to compute the new value of variable "b"',
    );
  });

  it.each<[string, () => Parameters<Graph['run']>[1], string]>([
    [
      'a shape',
      () => ({ x: tf.ones([2, 4]) }),
      'expected float32 [batch, 3], got float32 [2, 4]. Reshape',
    ],
    ['a rank', () => ({ x: tf.ones([3]) }), 'got float32 [3]'],
    ['a dtype', () => ({ x: tf.ones([2, 3], 'int32') }), 'Convert it: tensor.cast("float32")'],
    ['an empty batch', () => ({ x: tf.ones([0, 3]) }), 'got an empty batch'],
    [
      'a name',
      () => ({ x: tf.ones([2, 3]), tarjet: 1 }),
      'feed "tarjet": expected the name of a placeholder, got none. Did you mean "target"',
    ],
    ['a name of a prototype', () => ({ toString: 1 }), 'feed "toString"'],
    [
      'two batch sizes',
      () => ({ x: tf.ones([2, 3]), target: tf.ones([3, 2]) }),
      'placeholder "target": expected 2 examples as in "x", got 3',
    ],
    [
      'text for numbers',
      () => ({ x: [['a', 'b', 'c']] }),
      'placeholder "x": expected a tensor, or numbers',
    ],
    [
      'arrays of different sizes',
      () => ({ x: [[1, 2, 3], [4]] as never }),
      'arrays of one size, of float32 [batch, 3]',
    ],
    [
      'a typed array that does not divide',
      () => ({ x: new Float32Array(4) }),
      'got something else',
    ],
  ])('reject %s that does not fit', (_, feeds, message) => {
    const before = tf.memory().numTensors;
    let error: unknown;
    tf.tidy(() => {
      try {
        run(feeds());
      } catch (thrown) {
        error = thrown;
      }
    });
    expect(error).toBeInstanceOf(FeedError);
    expect((error as Error).message).toContain(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that are not needed are ignored', () => {
    expect(run({ x: tf.ones([2, 3]), target: tf.ones([9, 9]) }, 'y').shape).toEqual([2, 2]);
  });

  it('supply the batch size even if nothing else needs them', () => {
    const builder = new DefinitionBuilder();
    builder.placeholder('x', float(batch, 3));
    const ones = builder.kernel('ones', 'Fill', {}, float(batch), {
      shape: [batch],
      value: 1,
      dtype: 'float32',
    });
    const sized = new Graph(builder.signature('s', ['x'], { ones }).definition);
    expect(sized.run('ones', { x: tf.ones([4, 3]) }).shape).toEqual([4]);
    expect(() => sized.run('ones')).toThrow(
      '"ones" depends on the batch size, but no placeholder that determines it is fed',
    );
  });

  it('may have a first dimension that is a multiple of the batch', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float({ batch: [1, 2, 0] }));
    const y = builder.kernel('y', 'Neg', { x }, float({ batch: [1, 2, 0] }));
    const odd = new Graph(builder.signature('s', ['x'], { y }).definition);
    expect(odd.run('y', { x: tf.ones([7]) }).shape).toEqual([7]);
    expect(() => odd.run('y', { x: tf.ones([6]) })).toThrow('which is its shape at no batch size');
  });
});

describe('variables', () => {
  beforeEach(() => tf.setBackend('cpu'));
  afterEach(() => tf.disposeVariables());

  const swap = () => {
    const builder = new DefinitionBuilder();
    const a = builder.variable('a', float(2));
    const b = builder.variable('b', float(2));
    const sum = builder.kernel('sum', 'Add', { a, b }, float(2));
    return new Graph(builder.signature('swap', [], { sum }, { a: b, b: a }).definition);
  };

  it('are assigned together, from the values at the start', () => {
    const a = tf.variable(tf.tensor1d([1, 2]), true, 'a');
    const b = tf.variable(tf.tensor1d([3, 4]), true, 'b');
    const before = tf.memory().numTensors;
    const { outputs, updates } = swap().runSignature(
      'swap',
      {},
      { variables: { a, b }, commit: true },
    );
    expect(updates).toEqual({});
    expect([a, b, outputs.sum].map((tensor) => Array.from(tensor?.dataSync() ?? []))).toEqual([
      [3, 4],
      [1, 2],
      [4, 6],
    ]);
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it.each([
    ['a record', (a: tf.Tensor, b: tf.Tensor) => ({ a, b })],
    [
      'a map',
      (a: tf.Tensor, b: tf.Tensor) =>
        new Map([
          ['a', a],
          ['b', b],
        ]),
    ],
    ['a function', (a: tf.Tensor, b: tf.Tensor) => (name: string) => (name === 'a' ? a : b)],
  ])('come from %s', (_, source) => {
    const variables = source(tf.tensor1d([1, 2]), tf.tensor1d([3, 4]));
    expect(swap().run('sum', {}, { variables }).dataSync()).toEqual(new Float32Array([4, 6]));
  });

  it('that are missing or do not fit are reported, and none is assigned', () => {
    const a = tf.variable(tf.tensor1d([1, 2]), true, 'a');
    const run =
      (variables: Record<string, tf.Tensor>, commit = true) =>
      () =>
        swap().runSignature('swap', {}, { variables, commit });
    expect(run({ a })).toThrow(VariableError);
    expect(run({ a })).toThrow('variable "b": expected a tensor of float32 [2], got none');
    expect(run({ a, b: tf.variable(tf.ones([3])) })).toThrow('got float32 [3]');
    expect(run({ a, b: tf.ones([2]) })).toThrow('expected a tf.Variable, since the run assigns it');
    expect(() => swap().run('sum')).toThrow('variable "a"');
    expect(Array.from(a.dataSync())).toEqual([1, 2]);
    expect(Object.keys(run({ a, b: tf.ones([2]) }, false)().updates)).toEqual(['a', 'b']);
  });

  it('are unchanged if a new value has another shape', () => {
    const builder = new DefinitionBuilder();
    const a = builder.variable('a', float(2));
    const b = builder.variable('b', float(2));
    const next = builder.kernel('next', 'Add', { a, b }, float(2));
    const wrong = builder.kernel('wrong', 'Sum', { x: b }, float(2), {
      axis: [0],
      keepDims: false,
    });
    const graph = new Graph(builder.signature('s', [], {}, { a: next, b: wrong }).definition);
    const variables = {
      a: tf.variable(tf.tensor1d([1, 2]), true, 'a'),
      b: tf.variable(tf.tensor1d([3, 4]), true, 'b'),
    };
    const before = tf.memory().numTensors;
    expect(() => graph.runSignature('s', {}, { variables, commit: true })).toThrow(
      'variable "b": expected a new value of float32 [2], got float32 []',
    );
    expect(Array.from(variables.a.dataSync())).toEqual([1, 2]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('constants', () => {
  beforeEach(() => tf.setBackend('cpu'));

  it.each([
    [typeOf('float32', 2), new Float32Array([1.5, -0])],
    [typeOf('int32', 2), new Int32Array([1, -2])],
    [typeOf('bool', 2), new Uint8Array([1, 0])],
    [typeOf('string', 2), ['a', 'é']],
    [typeOf('complex64', 1), new Float32Array([1, 2])],
  ] as const)('of %j', (spec, values) => {
    const builder = new DefinitionBuilder();
    const c = builder.constant('c', spec, values);
    const graph = new Graph(builder.signature('s', [], { c }).definition);
    expect([...graph.run('c').dataSync()]).toEqual([...values]);
    graph.dispose();
  });

  it.each([
    [typeOf('float32', 3), 0.5, [0.5, 0.5, 0.5]],
    [typeOf('int32', 2), 7, [7, 7]],
    [typeOf('bool', 2), 1, [1, 1]],
    [typeOf('string', 2), 'x', ['x', 'x']],
    [typeOf('complex64', 2), 3, [3, 0, 3, 0]],
  ] as const)('that fill %j', (spec, fill, expected) => {
    const builder = new DefinitionBuilder();
    const c = builder.constant('c', spec, { fill });
    const graph = new Graph(builder.signature('s', [], { c }).definition);
    expect([...graph.run('c').dataSync()]).toEqual(expected);
    graph.dispose();
  });

  it('are uploaded once to each backend', async () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float());
    const c = builder.constant('c', float(), new Float32Array([2]));
    const y = builder.kernel('y', 'Multiply', { a: x, b: c }, float());
    const graph = new Graph(builder.signature('s', ['x'], { y }).definition);
    const before = tf.memory().numTensors;
    for (const backend of ['cpu', 'wasm', 'cpu', 'wasm']) {
      await tf.setBackend(backend);
      const result = tf.tidy(() => graph.run('y', { x: tf.scalar(3) }).dataSync()[0]);
      expect(result).toBe(6);
    }
    expect(tf.memory().numTensors).toBe(before + 2);
    graph.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.tidy(() => graph.run('y', { x: tf.scalar(4) }).dataSync()[0])).toBe(8);
    graph.dispose();
  });
});
