// Masks from layer to layer, in every execution.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Estimator,
  EvaluationSpec,
  layers,
  ModelFnError,
  metrics,
  PredictSpec,
  TrainSpec,
} from '../src';
import { MemoryPorts, MemoryStore } from './memory-ports';
import { runner } from './model-function-runner';

beforeAll(() => tf.setBackend('cpu'));

const ids = () => tf.tensor2d([3, 1, 4, 0, 0, 5, 2, 0, 6, 0], [2, 5], 'int32');
const embedded = (isMasked = true) => {
  const x = layers.embedding(ids(), {
    inputDim: 7,
    outputDim: 3,
    maskZero: true,
    name: 'words',
    reuse: true,
  });
  return isMasked ? x : layers.setMask(x, undefined);
};
const encoded = (x: tf.Tensor, mask?: tf.Tensor) =>
  layers.lstm(x, { units: 2, mask, name: 'encoder', reuse: true });

describe('masks', () => {
  it('of an embedding and of masking reach a recurrent layer, like a mask that is passed to it', () => {
    const { run } = runner();
    const [plain, implicit, explicit, zeros] = run(() => {
      const mask = tf.notEqual(ids(), 0);
      const rows = tf.where(mask.expandDims(2), embedded(false), 0);
      return [
        encoded(embedded(false)),
        encoded(embedded()),
        encoded(embedded(false), mask),
        encoded(layers.masking(rows)),
      ].map((output) => [...output.dataSync()]);
    });
    expect(implicit).not.toEqual(plain);
    expect(implicit).toEqual(explicit);
    expect(zeros).toEqual(explicit);
  });

  it('that are passed win over those of the input', () => {
    const { run } = runner();
    const [all, first] = run(() => {
      const ones = tf.onesLike(ids());
      return [encoded(embedded(), ones), encoded(embedded(false))].map((y) => [...y.dataSync()]);
    });
    expect(all).toEqual(first);
  });

  it('are lost by other operations, and can be given to any tensor', () => {
    const { run } = runner();
    run(() => {
      const x = embedded();
      expect(layers.getMask(x)?.arraySync()).toEqual([
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
      ]);
      const y = tf.add(x, 1);
      expect(layers.getMask(y)).toBeUndefined();
      expect(layers.setMask(y, layers.getMask(x))).toBe(y);
      expect(layers.getMask(y)).toBe(layers.getMask(x));
      expect(layers.getMask(layers.dense(y, { units: 2 }))).toBe(layers.getMask(x));
      expect(layers.getMask(layers.setMask(y, undefined))).toBeUndefined();
    });
    expect(() => layers.getMask(tf.scalar(1))).toThrow(/layers\.getMask\(\).*model function/);
  });

  it('survive tf.tidy, and are freed with the call', () => {
    const { run } = runner();
    const model = () => tf.tidy('block', () => layers.dense(embedded(), { units: 2 }));
    run(model).dispose();
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      run(() => {
        expect(layers.getMask(model())?.dataSync()).toHaveLength(10);
      });
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(() =>
      tf.tidy(() =>
        run(() => {
          model();
          throw new Error('failed');
        }),
      ),
    ).toThrow('failed');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('do not let NaN in padding spread', () => {
    const { run } = runner();
    const output = run(() => {
      const x = tf.tensor3d([1, Number.NaN, 2, Number.NaN], [1, 4, 1]);
      const mask = tf.tensor2d([1, 0, 1, 0], [1, 4], 'bool');
      return layers.simpleRNN(x, { units: 1, mask });
    });
    expect(output.dataSync()[0]).not.toBeNaN();
  });

  it('have gradients where they follow from a layer', () => {
    const { run, store } = runner();
    const model = () => {
      const x = layers.dense(tf.ones([2, 3, 1]), { units: 2, activation: 'relu' });
      return tf.mean(layers.lstm(layers.masking(x), { units: 1 })).asScalar();
    };
    tf.tidy(() => {
      run(model);
      const variables = store.all().map(({ variable }) => variable);
      const { grads } = tf.variableGrads(() => run(model), variables);
      expect(Object.keys(grads)).toHaveLength(5);
    });
  });

  it('are refused by layers that would ignore them, and where they do not fit', () => {
    const call = (fn: () => tf.Tensor) => () => runner().run(fn);
    const mask = tf.onesLike(ids());
    const x = () => tf.ones<tf.Rank.R3>([2, 5, 3]);
    expect(call(() => layers.flatten(x(), { mask }))).toThrow(
      /option "mask" of layer "flatten": expected no mask, since the layer ignores it, got a mask of shape \[2,5\]/,
    );
    expect(call(() => layers.add([x(), x()], { mask }))).toThrow(/layers\.setMask\(input, mask\)/);
    expect(call(() => layers.setMask(tf.ones([2, 4, 3]), mask))).toThrow(ModelFnError);
    expect(call(() => layers.gru(x(), { units: 1, mask: tf.ones([2, 4]) }))).toThrow(
      /mask of a recurrent layer: expected \[batch, time\].*\[2,5\], got \[2,4\]/,
    );
  });

  it('are lost with a warning, once for each layer', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { run } = runner();
    const model = () => layers.flatten(layers.conv1d(embedded(), { filters: 2, kernelSize: 2 }));
    run(model);
    run(model);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^Layer "conv1d" loses the mask of its input/),
    ]);
    warn.mockRestore();
  });
});

const inputs = {
  trainInputFn: () =>
    Dataset.fromTensorSlices({
      words: {
        data: Int32Array.of(3, 1, 4, 0, 0, 5, 2, 0, 6, 0, 1, 0, 0, 0, 0, 2, 3, 4, 5, 6),
        shape: [4, 5],
      },
      tags: { data: Float32Array.from({ length: 20 }, (_, at) => at % 3), shape: [4, 5] },
    })
      .batch(2)
      .repeat(3),
};

const tagger = defineModelFn((features: { words: tf.Tensor2D; tags: tf.Tensor2D }) => {
  const x = layers.embedding(features.words, { inputDim: 7, outputDim: 3, maskZero: true });
  const y = layers.bidirectional(layers.dropout(x, { rate: 0.2 }), {
    layer: tf.layers.lstm({ units: 2, returnSequences: true }),
  });
  const joined = layers.concatenate([layers.layerNormalization(y), layers.dense(x, { units: 2 })]);
  const tags = layers.dense(joined, { units: 1 }).squeeze<tf.Tensor2D>([2]);
  const mask = layers.getMask(joined);
  const loss = () => tf.losses.meanSquaredError(features.tags, tags, mask?.toFloat()) as tf.Scalar;
  const masked = layers.setMask(tags, mask);
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.adam(0.05) }),
    new EvaluationSpec({
      loss,
      metrics: () => ({
        error: metrics.meanAbsoluteError({ labels: features.tags, predictions: masked }),
      }),
    }),
    new PredictSpec({ output: { tags, mean: layers.globalAveragePooling1d(joined) } }),
  ];
});

describe('a model with masks', () => {
  const train = async (execution: 'eager' | 'graph', store = new MemoryStore()) => {
    const ports = new MemoryPorts(store);
    const estimator = new Estimator({ modelFn: tagger, seed: 7, execution }, ports);
    await estimator.setup({ ...inputs, validationInputFn: inputs.trainInputFn });
    const before = tf.memory().numTensors;
    await estimator.train({ maxSteps: 6 }).saveCkpt();
    const result = await estimator.validate();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 40);
    await estimator.close();
    return { losses: ports.losses, result };
  };

  it('trains, validates and is restored without its code with the same numbers', async () => {
    const store = new MemoryStore();
    const eager = await train('eager');
    const graph = await train('graph', store);
    expect(eager.losses).toHaveLength(6);
    eager.losses.forEach((loss, step) => {
      expect(graph.losses[step]).toBeCloseTo(loss, 5);
    });
    expect(graph.result.error).toBeCloseTo(eager.result.error, 5);
    const ports = new MemoryPorts(store);
    const restored = new Estimator<typeof tagger>({ modelFn: null, seed: 7 }, ports);
    await restored.recover();
    await restored.setup({ ...inputs, validationInputFn: inputs.trainInputFn });
    const { loss, error } = await restored.validate();
    expect(loss).toBeCloseTo(eager.result.loss, 5);
    expect(error).toBeCloseTo(eager.result.error, 5);
    await restored.close();
  });
});
