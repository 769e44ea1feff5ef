// Models of sequences of any length: replayed, and continued without their code.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  defineModelFn,
  Estimator,
  EvaluationSpec,
  type Execution,
  layers,
  metrics,
  PredictSpec,
  TrainSpec,
} from '../src';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

interface Features {
  readonly tokens: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

type Encoder = (tokens: tf.Tensor2D, isTraining: boolean) => tf.Tensor2D;

const classifier = (encode: Encoder) =>
  defineModelFn((features: Features, isTraining: boolean) => {
    const logits = layers.dense(encode(features.tokens, isTraining), { units: 3 });
    const loss = () =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(features.labels, 3), logits) as tf.Scalar;
    const classes = tf.argMax(logits, 1);
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.adam(0.01) }),
      new EvaluationSpec({
        loss,
        metrics: () => ({
          accuracy: metrics.accuracy({ labels: features.labels, predictions: classes }),
        }),
      }),
      new PredictSpec({ output: { probabilities: tf.softmax(logits) } }),
    ];
  });

/** Causal attention to embeddings with positions, averaged over the tokens other than 0. */
const attention: Encoder = (tokens) => {
  const [, length = 1] = tokens.shape;
  const embedded = layers.embedding(tokens, { inputDim: 7, outputDim: 4 });
  const positions = layers.embedding(tf.range(0, length, 1, 'int32').expandDims(0), {
    inputDim: 64,
    outputDim: 4,
  });
  const x = layers.layerNormalization(tf.add(embedded, positions), {});
  const [query, key, value] = [0, 1, 2].map(() => layers.dense(x, { units: 4 }));
  const scores = tf.matMul(query as tf.Tensor3D, key as tf.Tensor3D, false, true).div(2);
  const causal = tf.linalg.bandPart(tf.ones([length, length]), -1, 0);
  const weights = tf.softmax(scores.add(causal.sub(1).mul(1e9)));
  const attended = tf.matMul(weights as tf.Tensor3D, value as tf.Tensor3D).add(x);
  const counts = tokens.notEqual(0).toFloat().expandDims(-1);
  return attended.mul(counts).sum(1).div(counts.sum(1)) as tf.Tensor2D;
};

const encoders: Readonly<Record<string, Encoder>> = {
  attention,
  'an LSTM': (tokens) =>
    layers.lstm(layers.embedding(tokens, { inputDim: 7, outputDim: 4 }), {
      units: 5,
      dropout: 0.2,
    }) as tf.Tensor2D,
  'a GRU of a masked sequence': (tokens) =>
    layers.gru(layers.embedding(tokens, { inputDim: 7, outputDim: 4, maskZero: true }), {
      units: 5,
    }) as tf.Tensor2D,
};

const LENGTHS = [6, 3, 9, 2, 13];

function* batches() {
  for (const [index, length] of LENGTHS.entries()) {
    const rows = 2 + (index % 2);
    const tokens = Array.from({ length: rows * length }, (_, at) => {
      const isPadding = at % length >= length - (index % 2);
      return isPadding ? 0 : 1 + ((at * 5 + index) % 6);
    });
    yield {
      tokens: tf.tensor(tokens, [rows, length], 'int32'),
      labels: tf.tensor1d(
        Array.from({ length: rows }, (_, row) => (row + index) % 3),
        'int32',
      ),
    };
  }
}

const inputs = {
  trainInputFn: batches,
  validationInputFn: batches,
  inputShapes: { tokens: [null, null] },
};

const started = async (encode: Encoder, execution: Execution, store = new MemoryStore()) => {
  const ports = new MemoryPorts(store);
  const estimator = new Estimator({ modelFn: classifier(encode), execution, seed: 3 }, ports);
  await estimator.setup(inputs);
  return { estimator, ports };
};

const unseen = { tokens: [[1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5]] };

describe.each(Object.entries(encoders))('a model of sequences with %s', (_, encode) => {
  it('trains replayed as it does eagerly', async () => {
    const results = [];
    for (const execution of ['eager', 'replay'] as const) {
      const { estimator, ports } = await started(encode, execution);
      const { loss, accuracy } = await estimator.train().validate();
      expect(ports.progress.log.join()).not.toContain("Can't be traced");
      const { probabilities } = await estimator.predict(unseen);
      results.push({ loss, accuracy, probabilities: (probabilities as number[][]).flat() });
      await estimator.close();
    }
    const [eager, replayed] = results;
    expect(replayed?.accuracy).toBe(eager?.accuracy);
    expect(replayed?.loss).toBeCloseTo(eager?.loss ?? 0, 5);
    replayed?.probabilities.forEach((value, index) => {
      expect(value).toBeCloseTo(eager?.probabilities[index] ?? 0, 5);
    });
  });

  it('needs no code to predict, evaluate and train on', async () => {
    const store = new MemoryStore();
    const { estimator } = await started(encode, 'eager', store);
    await estimator.train().saveCkpt();
    const predicted = await estimator.predict(unseen);
    const evaluated = await estimator.evaluate({ inputFn: batches });
    await estimator.train();
    const trained = await estimator.evaluate({ inputFn: batches });
    await estimator.close();

    const graph = new Estimator({ modelFn: null }, new MemoryPorts(store));
    await graph.recover();
    const again = await graph.predict(unseen);
    (again.probabilities as number[][]).flat().forEach((value, index) => {
      expect(value).toBeCloseTo((predicted.probabilities as number[][]).flat()[index] ?? 0, 5);
    });
    expect((await graph.evaluate({ inputFn: batches })).loss).toBeCloseTo(evaluated.loss, 5);
    await graph.setup(inputs);
    await graph.train();
    expect((await graph.evaluate({ inputFn: batches })).loss).toBeCloseTo(trained.loss, 4);
    await graph.close();
  });
});
