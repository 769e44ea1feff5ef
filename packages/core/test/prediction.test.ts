// The forms of `predict()`, and the features that a prediction needs.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Dataset,
  Estimator,
  layers,
  MissingFeatureError,
  PredictArgumentsError,
  PredictSpec,
  TrainSpec,
} from '../src';
import {
  createLineEstimator,
  lineInputFn,
  lineInputs,
  lineModelFn,
  linePoints,
} from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('predict()', () => {
  it('accepts features by name, by position and as a dataset, and returns three forms', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const { line } = await estimator.predict({ x: [[0], [1]] });
    expect(line).toHaveLength(2);
    const positional = await estimator.predict([[0], [1]]);
    expect(positional.line).toEqual(line);
    const typed = await estimator.predict({ x: [[0], [1]] }, { as: 'typed' });
    expect(typed.line.shape).toEqual([2, 1]);
    expect([...typed.line.data]).toEqual((line as number[][]).flat());
    const tensors = await estimator.predict({ x: [[0], [1]] }, { as: 'tensor' });
    expect(tensors.line.arraySync()).toEqual(line);
    tensors.line.dispose();
    const shapes: number[][] = [];
    for await (const batch of estimator.predict({ inputFn: lineInputFn(20, 8), as: 'typed' })) {
      shapes.push(batch.line.shape);
    }
    expect(shapes).toEqual([
      [8, 1],
      [8, 1],
      [4, 1],
    ]);
  });

  it('over a dataset takes its turn among other calls, batch by batch', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const inputFn = () => [{ x: [[1]] }];
    const { line } = await estimator.predict({ x: [[1]] });
    const first = estimator.predict({ inputFn }).next();
    const training = estimator.train();
    expect((await first).value?.line).toEqual(line);
    await training;
    for await (const _ of estimator.predict({ inputFn })) await estimator.train({ maxSteps: 1 });
    expect(estimator.globalStep).toBe(6);
  });

  it('rejects arguments that fit none of its forms, or several', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const wrong = [
      [],
      [{}],
      [{ inputFn: lineInputs.trainInputFn, x: [[1]] }],
      [{ x: [[1]] }, [[1]]],
    ];
    for (const args of wrong) {
      const predict = async () => (estimator.predict as (...all: unknown[]) => unknown)(...args);
      await expect(predict()).rejects.toThrow(PredictArgumentsError);
    }
  });

  /** Always reads `y`. With `peek` it also reads values in JavaScript, which can't be traced. */
  const straightThrough = (peek: boolean) => (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
    const line = layers.dense(features.x, { units: 1 });
    if (peek) line.dataSync();
    const loss = tf.losses.meanSquaredError(features.y, line);
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
      null,
      new PredictSpec({ output: { line } }),
    ] as const;
  };

  it('requires only the features on which the outputs depend, even if the model function reads all', async () => {
    const estimator = new Estimator({ modelFn: straightThrough(false) }, new MemoryPorts());
    await estimator.setup(lineInputs);
    const { line } = await estimator.predict({ x: [[1], [2], [3]] });
    expect(line).toHaveLength(3);
    const predicting = estimator.predict({ y: [[1]] });
    await expect(predicting).rejects.toThrow(MissingFeatureError);
    await expect(predicting).rejects.toMatchObject({ feature: 'x' });
    await estimator.close();
  });

  it('names the missing feature and a remedy if the model function can not be traced', async () => {
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn: straightThrough(true) }, ports);
    await estimator.setup(lineInputs);
    expect(ports.progress.log.join()).toMatch(/Can't be traced.*fromDisk\(\) needs the modelFn/);
    const predicting = estimator.predict({ x: [[1]] });
    await expect(predicting).rejects.toThrow(MissingFeatureError);
    await expect(predicting).rejects.toThrow(/feature "y".*inside a function of the spec/);
    await estimator.close();
  });
});

describe('a dataset of tuples', () => {
  it('names its members 0, 1, 2 …, or by dataKeys', async () => {
    const { x, y } = linePoints(12);
    const trainInputFn = () => Dataset.fromTensorSlices([x, y]).batch(4);
    const unnamed = new Estimator(
      {
        modelFn: (features: Record<string, tf.Tensor2D>, isTraining: boolean, params: object) =>
          lineModelFn(
            {
              x: features[0] as tf.Tensor2D,
              get y() {
                return features[1] as tf.Tensor2D;
              },
            },
            isTraining,
            params,
          ),
      },
      new MemoryPorts(),
    );
    await unnamed.setup({ trainInputFn });
    await unnamed.train();
    expect(Object.keys(unnamed.graph.inputSignature)).toEqual(['0', '1']);
    const { estimator } = createLineEstimator();
    await estimator.setup({ trainInputFn, dataKeys: ['x', 'y'] });
    await estimator.train();
    expect(Object.keys(estimator.graph.inputSignature)).toEqual(['x', 'y']);
    expect((await estimator.predict([[0.5]])).line).toHaveLength(1);
    expect((await unnamed.predict([[0.5]])).line).toHaveLength(1);
  });
});
