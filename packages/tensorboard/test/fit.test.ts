import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../src/reader/read-events';
import { readScalars } from '../src/reader/read-scalars';
import { tensorBoardCallback } from '../src/tensorboard-callback';
import { SummaryWriter } from '../src/writer/summary-writer';
import { collect } from './collect';
import { temporaryDirectory } from './temporary-directory';

const makeModel = () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
  model.compile({ loss: 'meanSquaredError', optimizer: 'sgd', metrics: ['mae'] });
  return model;
};

const data = () => ({ x: tf.ones([8, 3]), y: tf.ones([8, 1]) });

beforeAll(() => tf.setBackend('cpu'));

describe('tensorBoardCallback with tfjs', () => {
  it('records a fit', async () => {
    const logDir = temporaryDirectory();
    const model = makeModel();
    const { x, y } = data();
    const callbacks = tensorBoardCallback(logDir, { updateFreq: 'batch', histogramFreq: 1, model });
    const { history } = await model.fit(x, y, {
      epochs: 2,
      batchSize: 4,
      validationData: [x, y],
      verbose: 0,
      callbacks,
    });
    const train = await readScalars(join(logDir, 'train'));
    expect([...train.keys()].sort()).toEqual([
      'batch_loss',
      'batch_mae',
      'epoch_loss',
      'epoch_mae',
    ]);
    expect(train.get('batch_loss')?.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const losses = train.get('epoch_loss')?.map(({ value }) => value);
    expect(losses).toEqual(history.loss?.map((loss) => Math.fround(Number(loss))));
    const val = await readScalars(join(logDir, 'val'));
    expect([...val.keys()].sort()).toEqual(['epoch_loss', 'epoch_mae']);
    const events = await collect(readEvents(join(logDir, 'train')));
    const histograms = events.flatMap(({ what, step }) =>
      what.case === 'summary' && what.value.value[0]?.metadata
        ? [`${what.value.value[0].tag} ${step}`]
        : [],
    );
    const names = model.weights.map(({ name }) => name);
    expect(histograms).toEqual([0, 1].flatMap((step) => names.map((name) => `${name} ${step}`)));
  });

  it('gets the model from tfjs if one of its own callbacks precedes it', async () => {
    const logDir = temporaryDirectory();
    const { x, y } = data();
    const stop = tf.callbacks.earlyStopping({ monitor: 'loss' });
    const board = tensorBoardCallback(logDir, { histogramFreq: 1 }) as unknown as tf.Callback;
    await makeModel().fit(x, y, { epochs: 1, verbose: 0, callbacks: [stop, board] });
    const events = await collect(readEvents(join(logDir, 'train')));
    expect(events.filter(({ what }) => what.case === 'summary').length).toBeGreaterThan(2);
  });
});

it('records tfjs tensors', async () => {
  const logDir = temporaryDirectory();
  const writer = new SummaryWriter(logDir);
  writer.scalar('scalar', tf.scalar(0.5), 1);
  writer.histogram('histogram', tf.randomNormal([4, 4]), 1);
  writer.images('images', tf.zeros([2, 4, 4, 3]), 1);
  writer.image('image', tf.zeros([4, 4, 1], 'int32'), 1);
  await writer.close();
  expect((await readScalars(logDir)).get('scalar')?.[0]?.value).toBe(0.5);
  expect(await collect(readEvents(logDir))).toHaveLength(5);
});
