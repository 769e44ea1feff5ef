import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { batch, DefinitionBuilder, float, linear, typeOf } from '../test/definitions';
import { Graph } from './graph';
import { GraphFormatError, GraphMergeError, UnknownOperationError } from './ir/errors';
import type { GraphDefinition } from './ir/types';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a graph', () => {
  it('lists its operations as TensorFlow would', () => {
    const graph = new Graph(linear());
    expect(graph.operations.slice(0, 5)).toEqual([
      { name: 'x', type: 'Placeholder', inputs: [], outputs: [float(batch, 3)] },
      { name: 'w', type: 'VariableV2', inputs: [], outputs: [float(3, 2)] },
      { name: 'b', type: 'VariableV2', inputs: [], outputs: [float(2)] },
      { name: 'dense/MatMul', type: 'MatMul', inputs: ['x', 'w'], outputs: [float(batch, 2)] },
      {
        name: 'dense/BiasAdd',
        type: 'AddV2',
        inputs: ['dense/MatMul', 'b'],
        outputs: [float(batch, 2)],
      },
    ]);
    expect(graph.placeholders.map(({ name }) => name)).toEqual(['x', 'target']);
    expect(graph.variables[0]).toEqual({ name: 'w', trainable: true, ...float(3, 2) });
  });

  it('finds tensors by operation, output and signature', () => {
    const graph = new Graph(linear());
    expect(graph.operation('dense/BiasAdd').type).toBe('AddV2');
    expect(graph.tensor('dense/MatMul')).toEqual(float(batch, 2));
    expect(graph.tensor('dense/MatMul:0')).toEqual(float(batch, 2));
    expect(graph.tensor('loss')).toEqual(float());
    expect(graph.tensor('train/loss')).toEqual(float());
    expect(graph.signature('predict').inputs).toEqual(['x']);
  });

  it.each([
    ['dense/MatMull', 'Did you mean "dense/MatMul"'],
    ['MatMul', 'Did you mean "dense/MatMul"'],
    ['LOSS', 'Did you mean "loss"'],
    ['dense/MatMul:1', 'Did you mean "dense/MatMul"'],
    ['constructor', 'There are'],
    ['__proto__', 'There are'],
  ])('has no tensor "%s", and suggests names', (name, advice) => {
    const graph = new Graph(linear());
    expect(() => graph.tensor(name)).toThrow(UnknownOperationError);
    expect(() => graph.tensor(name)).toThrow(advice);
    expect(() => graph.signature(name)).toThrow(UnknownOperationError);
  });

  it('rejects an ambiguous name, and suggests naming the signature', () => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float());
    const y = builder.kernel('neg', 'Neg', { x }, float());
    builder.signature('train', ['x'], { loss: x }).signature('evaluate', ['x'], { loss: y });
    const graph = new Graph(builder.definition);
    expect(() => graph.tensor('loss')).toThrow('"train", "evaluate"');
    expect(graph.run('loss', { x: tf.scalar(2) }, { signature: 'evaluate' }).dataSync()[0]).toBe(
      -2,
    );
    expect(graph.run('train/loss', { x: tf.scalar(2) }).dataSync()[0]).toBe(2);
  });
});

describe('rejects', () => {
  const broken = (change: (definition: GraphDefinition & { nodes: unknown[] }) => void) => {
    const { nodes, signatures } = linear();
    const definition = structuredClone({ nodes: [...nodes], signatures });
    change(definition);
    return () => new Graph(definition);
  };
  // biome-ignore lint/suspicious/noExplicitAny: these tests make what the types forbid
  type Wild = any;

  it.each<[string, (definition: Wild) => void, string]>([
    ['a reference forwards', ({ nodes }) => (nodes[3].inputs.a.node = 4), '4:0'],
    ['a reference to itself', ({ nodes }) => (nodes[3].inputs.a.node = 3), '3:0'],
    ['a reference out of range', ({ nodes }) => (nodes[3].inputs.a.node = 99), '99:0'],
    ['a fraction of a reference', ({ nodes }) => (nodes[3].inputs.a.node = 0.5), '0.5:0'],
    ['an output that is not there', ({ nodes }) => (nodes[3].inputs.a.output = 1), '0:1'],
    ['a negative output', ({ nodes }) => (nodes[3].inputs.a.output = -1), '0:-1'],
    ['a duplicate name', ({ nodes }) => (nodes[3].name = 'x'), '"x"'],
    ['no name', ({ nodes }) => (nodes[3].name = ''), '""'],
    ['an unknown dtype', ({ nodes }) => (nodes[0].outputs[0].dtype = 'float16'), '"float16"'],
    ['a negative size', ({ nodes }) => (nodes[1].outputs[0].shape = [-1]), '[-1]'],
    [
      'a huge shape',
      ({ nodes }) => (nodes[1].outputs[0].shape = [2 ** 20, 2 ** 20]),
      'a shape of at most 2147483647 elements',
    ],
    ['too many dimensions', ({ nodes }) => (nodes[1].outputs[0].shape = Array(17).fill(1)), '17'],
    [
      'a size that is NaN',
      ({ nodes }) => (nodes[0].outputs[0].shape[0] = { batch: [0, Number.NaN, 0] }),
      'coefficients',
    ],
    ['no output of a placeholder', ({ nodes }) => (nodes[0].outputs = []), 'one output'],
    [
      'an update of a placeholder',
      ({ signatures }) => (signatures.train.updates[0].variable = 'x'),
      '"x"',
    ],
    [
      'two updates of a variable',
      ({ signatures }) => (signatures.train.updates[1].variable = 'w'),
      '"w"',
    ],
    ['an input that is a variable', ({ signatures }) => (signatures.train.inputs[0] = 'w'), '"w"'],
    [
      'an output out of range',
      ({ signatures }) => (signatures.predict.outputs.y.node = -1),
      '-1:0',
    ],
    [
      'a function as an attribute',
      ({ nodes }) => (nodes[3].attributes.transposeA = () => 1),
      'function',
    ],
    [
      'attributes without end',
      ({ nodes }) => {
        const endless: Wild = {};
        endless.endless = endless;
        nodes[3].attributes.endless = endless;
      },
      'deep',
    ],
  ])('%s', (_, change, message) => {
    let text = '';
    try {
      const { nodes, signatures } = linear();
      const definition = structuredClone({ nodes: [...nodes], signatures });
      change(definition);
      new Graph(definition);
    } catch (error) {
      expect(error).toBeInstanceOf(GraphFormatError);
      text = (error as Error).message;
    }
    expect(text).toContain(message);
  });

  it('a constant with more values than its shape has elements', () => {
    const make = broken(({ nodes }) => {
      nodes.push({ kind: 'constant', name: 'c', outputs: [float(3)], values: new Float32Array(4) });
    });
    expect(make).toThrow('expected 3 values, got 4');
  });

  it('a constant with values of another type', () => {
    const make = broken(({ nodes }) => {
      nodes.push({
        kind: 'constant',
        name: 'c',
        outputs: [typeOf('int32', 1)],
        values: new Float32Array(1),
      });
    });
    expect(make).toThrow('values of int32');
  });
});

describe('merging', () => {
  const other = (kernel: string): GraphDefinition => {
    const builder = new DefinitionBuilder();
    const x = builder.placeholder('x', float(batch, 3));
    const w = builder.variable('w', float(3, 2));
    const attributes = { transposeA: false, transposeB: false };
    const product = builder.kernel(
      'product',
      'BatchMatMul',
      { a: x, b: w },
      float(batch, 2),
      attributes,
    );
    const y = builder.kernel('dense/BiasAdd', kernel, { x: product }, float(batch, 2));
    return builder.signature('serve', ['x'], { y }).definition;
  };

  it('shares placeholders, variables and equal operations, and renames the rest', () => {
    const merged = Graph.merge([new Graph(linear()), new Graph(other('Relu'))]);
    expect(Object.keys(merged.signatures)).toEqual(['predict', 'train', 'serve']);
    expect(merged.operation('dense/BiasAdd').type).toBe('AddV2');
    expect(merged.operation('dense/BiasAdd_1')).toEqual({
      name: 'dense/BiasAdd_1',
      type: 'Relu',
      inputs: ['dense/MatMul'],
      outputs: [float(batch, 2)],
    });
    expect(merged.operations.length).toBe(new Graph(linear()).operations.length + 1);
  });

  it('computes what the parts compute', () => {
    const [left, right] = [new Graph(linear()), new Graph(other('Relu'))];
    const merged = Graph.merge([left, right]);
    const feeds = { x: tf.tensor2d([[1, -2, 3]]) };
    const variables = { w: tf.randomNormal([3, 2], 0, 1, 'float32', 1), b: tf.tensor1d([1, 2]) };
    for (const [name, part] of [
      ['predict', left],
      ['serve', right],
    ] as const) {
      const expected = part.runSignature(name, feeds, { variables }).outputs.y;
      const actual = merged.runSignature(name, feeds, { variables }).outputs.y;
      expect(actual?.dataSync()).toEqual(expected?.dataSync());
    }
  });

  it('rejects two signatures of one name, and variables that differ', () => {
    const graph = new Graph(linear());
    expect(() => Graph.merge([graph, new Graph(linear())])).toThrow(GraphMergeError);
    const builder = new DefinitionBuilder();
    const w = builder.variable('w', float(4));
    const clash = new Graph(builder.signature('other', [], { w }).definition);
    expect(() => Graph.merge([graph, clash])).toThrow(
      '"w" in the graphs to merge: expected the same in each graph: a variable of float32 [3, 2], got a variable of float32 [4] as well',
    );
    expect(() => Graph.merge([graph, clash])).toThrow('a variable of float32 [4] as well');
  });
});
