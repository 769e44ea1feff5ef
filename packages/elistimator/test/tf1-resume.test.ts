// A run of TensorFlow 1 continues here from its Saver's checkpoint, with the same losses as there.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import { Dataset, defineModelFn, Elistimator, layers, readScalars, TrainSpec } from '../src';
import { stripes } from './digits';

const oracle = await pythonOracle();
const title = `A run of TensorFlow 1${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

const BEFORE = 25;
const AFTER = 10;
const BATCH = 32;

/** One epoch in order, so that each step has a different batch. */
const { images, labels } = stripes(BATCH * (BEFORE + AFTER), 7);

const source = `
import json, sys
import numpy as np
import tensorflow as tf
v1 = tf.compat.v1
name, prefix = sys.argv[1:3]
given = json.load(sys.stdin)
before, after, batch = given['before'], given['after'], given['batch']
images = np.array(given['images'], np.float32).reshape(-1, 16)
labels = np.array(given['labels'], np.int32)
optimizers = dict(
    adam=lambda: v1.train.AdamOptimizer(0.01),
    momentum=lambda: v1.train.MomentumOptimizer(0.05, 0.9),
    rmsprop=lambda: v1.train.RMSPropOptimizer(0.005, 0.9, 0.5),
    adagrad=lambda: v1.train.AdagradOptimizer(0.05),
)

def dense(x, units, scope):
    with v1.variable_scope(scope):
        kernel = v1.get_variable('kernel', [x.shape[1], units])
        bias = v1.get_variable('bias', [units], initializer=v1.zeros_initializer())
        return tf.matmul(x, kernel) + bias

with tf.Graph().as_default(), v1.Session() as session:
    v1.set_random_seed(1)
    x = v1.placeholder(tf.float32, [None, 16])
    y = v1.placeholder(tf.int32, [None])
    logits = dense(tf.nn.relu(dense(x, 24, 'dense')), 4, 'dense_1')
    loss = v1.losses.softmax_cross_entropy(tf.one_hot(y, 4), logits)
    global_step = v1.train.get_or_create_global_step()
    train = optimizers[name]().minimize(loss, global_step=global_step)
    saver = v1.train.Saver()
    session.run(v1.global_variables_initializer())
    losses = []
    for step in range(before + after):
        if step == before:
            saved = saver.save(session, prefix, global_step=global_step)
        rows = slice(step * batch, (step + 1) * batch)
        value, _ = session.run([loss, train], {x: images[rows], y: labels[rows]})
        losses.append(float(value))

names = [name for name, _ in tf.train.list_variables(saved)]
print(json.dumps(dict(saved=saved, names=names, losses=losses[before:])))
`;

interface Answer {
  readonly saved: string;
  readonly names: readonly string[];
  readonly losses: readonly number[];
}

const optimizers = {
  adam: () => tf.train.adam(0.01, 0.9, 0.999, 1e-8),
  momentum: () => tf.train.momentum(0.05, 0.9),
  rmsprop: () => tf.train.rmsprop(0.005, 0.9, 0.5, 1e-10),
  adagrad: () => tf.train.adagrad(0.05),
} as const;

const modelFn = defineModelFn(
  (
    features: { readonly images: tf.Tensor2D; readonly labels: tf.Tensor1D },
    _isTraining: boolean,
    params: { readonly optimizer: keyof typeof optimizers },
  ) => {
    const hidden = layers.dense(features.images, { units: 24, activation: 'relu' });
    const logits = layers.dense(hidden, { units: 4 });
    const loss = () =>
      tf.losses.softmaxCrossEntropy(tf.oneHot(features.labels, 4), logits) as tf.Scalar;
    return [new TrainSpec({ loss, optimizer: optimizers[params.optimizer] }), null, null];
  },
);

/** The rest of the epoch. */
const trainInputFn = () =>
  Dataset.fromTensorSlices({ images, labels })
    .skip(BATCH * BEFORE)
    .batch(BATCH);

describe.skipIf(oracle.python === undefined)(title, () => {
  const root = mkdtempSync(join(tmpdir(), 'tf1-'));
  afterAll(() => rmSync(root, { recursive: true }));

  const slots = {
    adam: ['beta1_power', 'dense/kernel/Adam', 'dense_1/bias/Adam_1'],
    momentum: ['dense/kernel/Momentum'],
    rmsprop: ['dense/kernel/RMSProp', 'dense_1/bias/RMSProp_1'],
    adagrad: ['dense/kernel/Adagrad'],
  };

  it.each(
    (['adam', 'momentum', 'rmsprop', 'adagrad'] as const).flatMap((optimizer) => [
      { optimizer, place: 'at a path' as const },
      ...(optimizer === 'adam' ? [{ optimizer, place: 'in the model directory' as const }] : []),
    ]),
  )(
    'with $optimizer and its checkpoint $place continues with the same losses',
    async ({ optimizer, place }) => {
      const modelDir = join(root, `${optimizer} ${place}`);
      const inside = place === 'in the model directory';
      const directory = inside ? join(modelDir, 'checkpoints') : join(root, `python ${optimizer}`);
      mkdirSync(directory, { recursive: true });
      const answer = runPython<Answer>(
        oracle.python ?? '',
        source,
        [optimizer, join(directory, 'model.ckpt')],
        JSON.stringify({
          images: [...images.data],
          labels: [...labels],
          before: BEFORE,
          after: AFTER,
          batch: BATCH,
        }),
      );
      expect(answer.saved).toBe(join(directory, `model.ckpt-${BEFORE}`));
      expect(answer.names).toEqual(
        expect.arrayContaining([...slots[optimizer], 'dense/kernel', 'global_step']),
      );

      const estimator = new Elistimator({
        modelFn,
        modelDir,
        params: { optimizer },
        sessionArgs: { backend: 'wasm', seed: 5 },
        progress: false,
      });
      await estimator.setup({ trainInputFn });
      if (inside) await estimator.restoreLatestCkpt();
      else await estimator.restoreCkpt(answer.saved);
      expect(estimator.globalStep).toBe(BEFORE);
      await estimator.train();
      expect(estimator.globalStep).toBe(BEFORE + AFTER);
      await estimator.close();

      const losses = (await readScalars(join(modelDir, 'train'))).get('loss') ?? [];
      expect(losses.map(({ step }) => step)).toEqual(
        Array.from({ length: AFTER }, (_, index) => BEFORE + index + 1),
      );
      const errors = losses.map(({ value }, index) => {
        const expected = answer.losses[index] ?? Number.NaN;
        return Math.abs(value - expected) / expected;
      });
      expect(Math.max(...errors)).toBeLessThan(1e-4);
    },
  );
});
