import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runner } from '../../../test/model-function-runner';
import * as layers from '..';

const oracle = await pythonOracle();

/** Word ids with padding at the end, in the middle and at the start, and a row without padding. */
const ids = [
  [3, 1, 4, 0, 0],
  [5, 0, 2, 6, 0],
  [0, 2, 6, 5, 3],
  [1, 2, 3, 4, 5],
];
/** The same with other padding, for merging. */
const otherIds = [
  [2, 0, 1, 3, 0],
  [1, 2, 0, 6, 0],
  [4, 2, 0, 5, 3],
  [1, 2, 0, 4, 5],
];
/** Sentences of words: [batch, sentences, words]. */
const documents = ids.map((row) => [row, otherIds[0] ?? [], [0, 0, 0, 0, 0]]);

interface Case {
  readonly model: () => tf.Tensor;
  /** Python: a list of layers in creation order, and a function of `ids`, `other`, `documents`. */
  readonly keras: string;
  readonly training?: boolean;
}

const embed = (of = ids, name?: string) =>
  layers.embedding(tf.tensor2d(of, [4, 5], 'int32'), {
    inputDim: 7,
    outputDim: 3,
    maskZero: true,
    ...(name && { name }),
  });
const pair = () => [embed(), embed(otherIds)] as const;
const sigmoid = { recurrentActivation: 'sigmoid' } as const;
const dense = (x: tf.Tensor) => layers.dense(x, { units: 2 });

const merging = (
  merge: (inputs: tf.Tensor[]) => tf.Tensor,
  keras: string,
  inputs: 'both' | 'one' = 'both',
): Case => ({
  model: () => {
    const [a, b] = pair();
    const merged = merge([a, inputs === 'both' ? b : layers.setMask(b, undefined)]);
    return layers.lstm(merged, { units: 2, ...sigmoid, returnSequences: true });
  },
  keras:
    `[a, b, l], lambda: l(m([a(ids), ${inputs === 'both' ? 'b(other)' : 'unmasked(b(other))'}]))`.replace(
      /^/,
      `a = E(); b = E(); l = L.LSTM(2, return_sequences=True); m = ${keras}\nresult = `,
    ),
});

const cases: Record<string, Case> = {
  lstm: {
    model: () => layers.lstm(embed(), { units: 4, ...sigmoid }),
    keras: 'e = E(); l = L.LSTM(4)\nresult = [e, l], lambda: l(e(ids))',
  },
  'lstm, sequences, backwards': {
    model: () =>
      layers.lstm(embed(), { units: 4, ...sigmoid, returnSequences: true, goBackwards: true }),
    keras:
      'e = E(); l = L.LSTM(4, return_sequences=True, go_backwards=True)\nresult = [e, l], lambda: l(e(ids))',
  },
  'lstm with an initial state': {
    model: () =>
      layers.lstm([embed(), tf.fill([4, 2], 0.5), tf.fill([4, 2], -0.5)], {
        units: 2,
        ...sigmoid,
        returnSequences: true,
      }),
    keras:
      'e = E(); l = L.LSTM(2, return_sequences=True)\nresult = [e, l], lambda: l(e(ids), mask=tf.not_equal(ids, 0), initial_state=[tf.fill([4, 2], 0.5), tf.fill([4, 2], -0.5)])',
  },
  gru: {
    model: () => layers.gru(embed(), { units: 4, ...sigmoid }),
    keras: 'e = E(); l = L.GRU(4, reset_after=False)\nresult = [e, l], lambda: l(e(ids))',
  },
  'simpleRNN, stacked': {
    model: () =>
      layers.simpleRNN(layers.simpleRNN(embed(), { units: 4, returnSequences: true }), {
        units: 2,
      }),
    keras:
      'e = E(); k = L.SimpleRNN(4, return_sequences=True); l = L.SimpleRNN(2)\nresult = [e, k, l], lambda: l(k(e(ids)))',
  },
  'rnn of several cells': {
    model: () =>
      layers.rnn(embed(), {
        cell: [
          tf.layers.lstmCell({ units: 3, ...sigmoid }),
          tf.layers.lstmCell({ units: 2, ...sigmoid }),
        ],
        returnSequences: true,
      }),
    keras:
      'e = E(); l = L.RNN([L.LSTMCell(3), L.LSTMCell(2)], return_sequences=True)\nresult = [e, l], lambda: l(e(ids))',
  },
  convLstm2d: {
    model: () => {
      const x = tf.linspace(-1, 1, 4 * 5 * 3 * 3).reshape([4, 5, 3, 3, 1]);
      const mask = tf.notEqual(tf.tensor2d(ids, [4, 5], 'int32'), 0);
      return layers.convLstm2d(layers.setMask(x, mask), {
        filters: 2,
        kernelSize: 2,
        ...sigmoid,
        returnSequences: true,
      });
    },
    keras:
      "l = L.ConvLSTM2D(2, 2, recurrent_activation='sigmoid', return_sequences=True)\n" +
      'x = tf.reshape(tf.linspace(-1.0, 1.0, 4 * 5 * 3 * 3), [4, 5, 3, 3, 1])\n' +
      'result = [l], lambda: l(x, mask=tf.not_equal(ids, 0))',
  },
  bidirectional: {
    model: () => layers.bidirectional(embed(), { layer: tf.layers.gru({ units: 2, ...sigmoid }) }),
    keras:
      'e = E(); l = L.Bidirectional(L.GRU(2, reset_after=False))\nresult = [e, l], lambda: l(e(ids))',
  },
  'bidirectional, sequences': {
    model: () =>
      layers.bidirectional(embed(), {
        layer: tf.layers.lstm({ units: 2, ...sigmoid, returnSequences: true }),
        mergeMode: 'sum',
      }),
    keras:
      "e = E(); l = L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode='sum')\nresult = [e, l], lambda: l(e(ids))",
  },
  'masking, dense, activations, normalization and noise pass it on': {
    model: () => {
      const x = tf.tensor3d(
        ids.flatMap((row) => row.flatMap((id) => [id / 5, id / 7])),
        [4, 5, 2],
      );
      let y: tf.Tensor = layers.masking(x);
      y = layers.dense(y, { units: 3, activation: 'tanh' });
      y = layers.layerNormalization(y);
      y = layers.leakyReLU(layers.elu(layers.dropout(y, { rate: 0.5 })));
      y = layers.reLU(layers.prelu(layers.activation(y, { activation: 'tanh' })));
      return layers.lstm(layers.rescaling(y, { scale: 2 }), { units: 2, ...sigmoid });
    },
    keras:
      'x = tf.stack([tf.cast(ids, tf.float32) / 5, tf.cast(ids, tf.float32) / 7], -1)\n' +
      "d = L.Dense(3, activation='tanh'); n = L.LayerNormalization(); p = L.PReLU(); l = L.LSTM(2)\n" +
      "chain = [L.Masking(), d, n, L.Dropout(0.5), L.ELU(), L.LeakyReLU(0.3), L.Activation('tanh'), p, L.ReLU(), L.Rescaling(2.0), l]\n" +
      'result = [d, n, p, l], lambda: run(chain, x)',
  },
  'batchNormalization in training': {
    model: () => layers.batchNormalization(embed(), { momentum: 0.5 }),
    keras:
      'e = E(); l = L.BatchNormalization(momentum=0.5)\nresult = [e, l], lambda: l(e(ids), training=True)',
    training: true,
  },
  globalAveragePooling1d: {
    model: () => layers.globalAveragePooling1d(embed()),
    keras: 'e = E(); l = L.GlobalAveragePooling1D()\nresult = [e, l], lambda: l(e(ids))',
  },
  softmax: {
    model: () => {
      const scores = layers.dense(embed(), { units: 1 }).squeeze<tf.Tensor2D>([2]);
      const mask = tf.notEqual(tf.tensor2d(ids, [4, 5], 'int32'), 0);
      return layers.softmax(layers.setMask(scores, mask), { axis: -1 });
    },
    keras:
      'e = E(); d = L.Dense(1); s = L.Softmax()\n' +
      'result = [e, d], lambda: s(tf.squeeze(d(e(ids)), 2), mask=tf.not_equal(ids, 0))',
  },
  'timeDistributed dense': {
    model: () =>
      layers.lstm(layers.timeDistributed(embed(), { layer: tf.layers.dense({ units: 2 }) }), {
        units: 2,
        ...sigmoid,
      }),
    keras:
      'e = E(); t = L.TimeDistributed(L.Dense(2)); l = L.LSTM(2)\nresult = [e, t, l], lambda: l(t(e(ids)))',
  },
  'timeDistributed lstm over words': {
    model: () => {
      const words = layers.embedding(tf.tensor3d(documents, [4, 3, 5], 'int32'), {
        inputDim: 7,
        outputDim: 3,
        maskZero: true,
      });
      return layers.timeDistributed(words, {
        layer: tf.layers.lstm({ units: 2, ...sigmoid }),
      });
    },
    keras: 'e = E(); t = L.TimeDistributed(L.LSTM(2))\nresult = [e, t], lambda: t(e(documents))',
  },
  add: merging(layers.add, 'L.Add()'),
  'add, one of them masked': merging(layers.add, 'L.Add()', 'one'),
  average: merging(layers.average, 'L.Average()'),
  multiply: merging(layers.multiply, 'L.Multiply()'),
  'multiply, one of them masked': merging(layers.multiply, 'L.Multiply()', 'one'),
  maximum: merging(layers.maximum, 'L.Maximum()'),
  minimum: merging(layers.minimum, 'L.Minimum()'),
  'minimum, one of them masked': merging(layers.minimum, 'L.Minimum()', 'one'),
  'concatenate channels': merging(layers.concatenate, 'L.Concatenate()'),
  'concatenate channels, one of them masked': merging(layers.concatenate, 'L.Concatenate()', 'one'),
  'concatenate steps': merging(
    (inputs) => layers.concatenate(inputs, { axis: 1 }),
    'L.Concatenate(axis=1)',
  ),
  'concatenate steps, one of them masked': merging(
    (inputs) => layers.concatenate(inputs, { axis: 1 }),
    'L.Concatenate(axis=1)',
    'one',
  ),
  'conv1d and pooling stop it': {
    model: () => {
      const y = layers.conv1d(embed(), { filters: 3, kernelSize: 2, padding: 'same' });
      const z = layers.maxPooling1d(y, { poolSize: 2, strides: 1, padding: 'same' });
      return layers.lstm(z, { units: 2, ...sigmoid });
    },
    keras:
      "e = E(); c = L.Conv1D(3, 2, padding='same'); p = L.MaxPooling1D(2, 1, padding='same'); l = L.LSTM(2)\n" +
      'result = [e, c, l], lambda: l(p(c(e(ids))))',
  },
  'reshape, permute and repeatVector stop it': {
    model: () => {
      const y = layers.permute(layers.reshape(embed(), { targetShape: [3, 5] }), { dims: [2, 1] });
      const z = layers.lstm(y, { units: 2, ...sigmoid });
      return layers.lstm(layers.repeatVector(z, { n: 3 }), { units: 2, ...sigmoid });
    },
    keras:
      'e = E(); k = L.LSTM(2); l = L.LSTM(2)\n' +
      'result = [e, k, l], lambda: l(L.RepeatVector(3)(k(L.Permute((2, 1))(L.Reshape((3, 5))(e(ids))))))',
  },
  'a model of tfjs-layers': {
    model: () => layers.apply(sequence, tf.tensor2d(ids, [4, 5], 'int32')),
    keras:
      'm = keras.Sequential([E(), L.Dense(3), L.LSTM(2, return_sequences=True), L.LSTM(2), L.RepeatVector(5), L.LSTM(2)])\n' +
      'result = [m], lambda: m(ids)',
  },
  'a model of tfjs-layers that merges': {
    model: () => layers.apply(merger, [...pair()]),
    keras:
      'a = E(); b = E(); l = L.LSTM(2); x = keras.Input((5, 3)); y = keras.Input((5, 3))\n' +
      'm = keras.Model([x, y], l(L.Add()([x, y])))\nresult = [a, b, m], lambda: m([a(ids), b(other)])',
  },
  'the loss of compile()': {
    model: () => {
      const logits = dense(embed());
      const labels = tf.oneHot(
        tf.cast(tf.greater(tf.tensor2d(ids, [4, 5], 'int32'), 2), 'int32'),
        2,
      );
      const perWord = tf.losses.softmaxCrossEntropy(
        labels,
        logits,
        undefined,
        0,
        tf.Reduction.NONE,
      );
      return tf.losses.computeWeightedLoss(perWord, layers.getMask(logits)?.toFloat());
    },
    keras:
      'e = E(); d = L.Dense(2); loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n' +
      'result = [e, d], lambda: loss(tf.cast(ids > 2, tf.int32), d(e(ids)))',
  },
};

const sequence = tf.sequential({
  layers: [
    tf.layers.embedding({ inputDim: 7, outputDim: 3, maskZero: true, inputLength: 5 }),
    tf.layers.dense({ units: 3 }),
    tf.layers.lstm({ units: 2, ...sigmoid, returnSequences: true }),
    tf.layers.lstm({ units: 2, ...sigmoid }),
    tf.layers.repeatVector({ n: 5 }),
    tf.layers.lstm({ units: 2, ...sigmoid }),
  ],
});
const inputs = [tf.input({ shape: [5, 3] }), tf.input({ shape: [5, 3] })];
const merger = tf.model({
  inputs,
  outputs: tf.layers
    .lstm({ units: 2, ...sigmoid })
    .apply(tf.layers.add().apply(inputs)) as tf.SymbolicTensor,
});

const source = `
import json, sys
import numpy as np
import tensorflow as tf
import keras
from keras import layers as L
data = json.load(sys.stdin)
ids = tf.constant(data['ids']); other = tf.constant(data['other']); documents = tf.constant(data['documents'])
E = lambda: L.Embedding(7, 3, mask_zero=True)
def unmasked(x):
    return tf.identity(x)
def run(chain, x):
    for layer in chain:
        x = layer(x)
    return x
answers = {}
for name, case in data['cases'].items():
    scope = dict(globals())
    exec(case['keras'], scope)
    made, call = scope['result']
    call()
    values = [np.float32(np.reshape(v['data'], v['shape'])) for v in case['weights']]
    for layer in made:
        count = len(layer.get_weights())
        layer.set_weights(values[:count])
        values = values[count:]
    assert not values, name
    variables = [v.value for layer in made for v in layer.trainable_weights]
    with tf.GradientTape() as tape:
        output = call()
        total = tf.reduce_sum(output * tf.reshape(tf.range(1.0, float(tf.size(output)) + 1), output.shape))
    gradients = [tf.convert_to_tensor(g).numpy().ravel().tolist() for g in tape.gradient(total, variables)]
    mask = getattr(output, '_keras_mask', None)
    answers[name] = {
        'output': output.numpy().ravel().tolist(),
        'gradients': gradients,
        'mask': None if mask is None else mask.numpy().astype(int).tolist(),
        'weights': [w.ravel().tolist() for layer in made for w in layer.get_weights()],
    }
print(json.dumps(answers))
`;

interface Answer {
  readonly output: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly mask: unknown;
  /** After the call, which updates moving averages. */
  readonly weights: readonly (readonly number[])[];
}

/** Runs a case, with values that leave no part of a layer at zero. */
const answerOf = ({ model, training: isTraining = false }: Case) => {
  const { run, store } = runner(7);
  run(model);
  store.all().forEach(({ variable, name }, index) => {
    const isVariance = name.endsWith('variance');
    const [low, high] = isVariance ? [0.5, 1.5] : [-0.9, 0.9];
    variable.assign(tf.randomUniform(variable.shape, low, high, 'float32', 40 + index));
  });
  const before = store.all().map(({ variable }) => ({
    data: [...variable.dataSync()],
    shape: variable.shape,
  }));
  const trained = store.all().filter(({ isTrainable }) => isTrainable());
  let output: number[] = [];
  let mask: unknown = null;
  const { grads } = tf.variableGrads(
    () =>
      run(
        () => {
          const y = model();
          output = [...y.dataSync()];
          mask = layers.getMask(y)?.arraySync() ?? null;
          return tf.sum(tf.mul(y, tf.range(1, y.size + 1).reshape(y.shape))).asScalar();
        },
        { isTraining },
      ),
    trained.map(({ variable }) => variable),
  );
  const gradients = trained.map(({ variable }) => [...(grads[variable.name]?.dataSync() ?? [])]);
  const weights = store.all().map(({ variable }) => [...variable.dataSync()]);
  return { before, answer: { output, gradients, mask, weights } satisfies Answer };
};

describe.skipIf(oracle.python === undefined)(
  `masks give the numbers of Keras${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`,
  () => {
    const ours: Record<string, Answer> = {};
    let theirs: Record<string, Answer>;
    beforeAll(async () => {
      await tf.setBackend('cpu');
      const described = Object.entries(cases).map(([name, one]) => {
        const { before, answer } = answerOf(one);
        ours[name] = answer;
        return [name, { keras: one.keras, weights: before }] as const;
      });
      const request = { ids, other: otherIds, documents, cases: Object.fromEntries(described) };
      theirs = runPython(oracle.python ?? '', source, [], JSON.stringify(request));
    });

    it.each(Object.keys(cases))('%s', (name) => {
      const expected = theirs[name];
      const actual = ours[name];
      if (expected === undefined || actual === undefined) throw new Error(`no answer for ${name}`);
      // Float32, summed in another order.
      const close = (values: readonly number[]) => {
        const scale = Math.max(1, ...values.map(Math.abs));
        return values.map((value) => expect.closeTo(value, 5 - Math.ceil(Math.log10(scale))));
      };
      expect(actual.output).toEqual(close(expected.output));
      expect(actual.gradients).toEqual(expected.gradients.map(close));
      expect(actual.weights).toEqual(expected.weights.map(close));
      if (name !== 'timeDistributed lstm over words') expect(actual.mask).toEqual(expected.mask);
    });
  },
);
