import { fromBinary } from '@bufbuild/protobuf';
import { GraphDefSchema } from '@elistimator/protos';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { kernelCases } from '../../test/support/kernel-cases';
import { kernelInfo } from '../ir/kernels';
import { randomTensor } from '../random/random-tensor';
import { trace } from '../trace/trace';
import { lower, loweredKernels, unloweredKernels } from './lower';

/** The names of all kernels, which tfjs exports as constants. */
const kernelsOfTfjs = Object.values<unknown>(tf).filter(
  (value): value is string => typeof value === 'string' && kernelInfo(value) !== undefined,
);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('kernels', () => {
  it('are lowered, or there is a reason; a kernel that tfjs adds is missing here', () => {
    expect(kernelsOfTfjs.length).toBeGreaterThan(170);
    const known = [...loweredKernels, ...Object.keys(unloweredKernels)];
    expect(kernelsOfTfjs.filter((kernel) => !known.includes(kernel))).toEqual([]);
    expect(loweredKernels.filter((kernel) => Object.hasOwn(unloweredKernels, kernel))).toEqual([]);
  });

  it('are compared with replay, except those that tfjs or the optimizer makes of others', () => {
    const compared = new Set(Object.values(kernelCases).flatMap(({ kernels }) => kernels));
    expect(loweredKernels.filter((kernel) => !compared.has(kernel))).toEqual([
      ...['Bincount', 'BroadcastArgs', 'BroadcastTo', 'ExpandDims', 'Fill', 'Identity'],
      ...['LogSoftmax', 'LogicalXor', 'LowerBound', 'MatrixBandPart', 'OnesLike'],
      ...['StaticRegexReplace', 'StringToHashBucketFast', 'UpperBound', 'ZerosLike'],
    ]);
  });
});

describe('lower()', () => {
  const weights = tf.variable(tf.ones([3, 2]), true, 'lowered/weights');
  const graph = trace(
    ({ x }) => {
      const y = tf.matMul(x as tf.Tensor2D, weights as tf.Tensor2D);
      const noise = randomTensor({ distribution: 'normal', shape: y.shape, seed: 1, index: 0 });
      weights.assign(tf.mul(weights, 2));
      return { mean: tf.mean(tf.add(y, noise)) };
    },
    { x: { shape: [null, 3] } },
  );
  const lowered = lower(graph, 'default');
  const { node: nodes } = fromBinary(GraphDefSchema, lowered.graphDef);

  it('names what to feed, to fetch and to run', () => {
    const { graphDef: _, ...names } = lowered;
    expect(names).toMatchObject({
      feeds: [{ name: 'x', tensor: 'x', dtype: 'float32' }],
      fetches: [{ name: 'mean', dtype: 'float32' }],
      variables: [
        {
          name: 'lowered/weights',
          shape: [3, 2],
          value: 'lowered/weights',
          assign: 'lowered/weights/Assign',
        },
      ],
      update: 'update',
      seed: 'random/Placeholder',
    });
  });

  it('has each operation after its inputs, under one name', () => {
    const seen = new Set<string>();
    for (const { name, input } of nodes) {
      for (const source of input) {
        expect(seen).toContain(source.replace(/^\^|:\d+$/g, ''));
      }
      expect(seen).not.toContain(name);
      seen.add(name);
    }
  });

  it('updates a variable only after it was read', () => {
    const update = nodes.find(
      ({ op, name }) => op === 'AssignVariableOp' && name.endsWith('Update'),
    );
    expect(update?.input).toContain('^lowered/weights');
  });

  it('computes sizes that depend on the batch from the shape of the feed', () => {
    expect(nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(['Shape', 'StridedSlice']));
    const placeholder = nodes.find(({ name }) => name === 'x');
    const shape = placeholder?.attr.shape?.value;
    expect(shape?.case === 'shape' && shape.value.dim.map(({ size }) => size)).toEqual([-1n, 3n]);
  });

  it('rejects unknown signatures, and kernels that TensorFlow lacks by name', () => {
    expect(() => lower(graph, 'train')).toThrow('signature "train"');
    const rotated = trace(({ x }) => tf.image.rotateWithOffset(x as tf.Tensor4D, 0.5), {
      x: { shape: [null, 4, 4, 3] },
    });
    expect(() => lower(rotated, 'default')).toThrow(
      /\(RotateWithOffset\): expected a kernel that can be lowered, got one that can't: TensorFlow has no operation for it/,
    );
  });
});
