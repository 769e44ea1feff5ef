import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory';
import { SummaryOptionError } from './errors';
import { readScalars } from './reader/read-scalars';
import { tensorBoardCallback } from './tensorboard-callback';

const tagsAndSteps = async (logDir: string) =>
  Object.fromEntries(
    [...(await readScalars(logDir))].map(([tag, points]) => [tag, points.map(({ step }) => step)]),
  );

describe('tensorBoardCallback', () => {
  it('records the epochs of training and validation as two runs', async () => {
    const logDir = temporaryDirectory();
    const { onBatchEnd, onEpochEnd, onTrainEnd } = tensorBoardCallback(logDir);
    for (const epoch of [0, 1]) {
      await onBatchEnd(0, { batch: 0, size: 32, loss: 1 });
      await onEpochEnd(epoch, { loss: 1, val_loss: 2, val_acc: 0.5 });
    }
    await onTrainEnd();
    expect(await tagsAndSteps(join(logDir, 'train'))).toEqual({ epoch_loss: [1, 2] });
    expect(await tagsAndSteps(join(logDir, 'val'))).toEqual({
      epoch_loss: [1, 2],
      epoch_acc: [1, 2],
    });
  });

  it.each([
    ['batch' as const, [1, 2, 3, 4]],
    [2, [2, 4]],
  ])('records batches with updateFreq %j', async (updateFreq, steps) => {
    const logDir = temporaryDirectory();
    const { onBatchEnd, onTrainEnd } = tensorBoardCallback(logDir, { updateFreq });
    for (let batch = 0; batch < 4; batch++) await onBatchEnd(batch, { batch, size: 32, loss: 1 });
    await onTrainEnd();
    expect(await tagsAndSteps(join(logDir, 'train'))).toEqual({ batch_loss: steps });
  });

  it('creates no files before something is recorded', async () => {
    const logDir = temporaryDirectory();
    const { onTrainBegin, onTrainEnd } = tensorBoardCallback(logDir);
    await onTrainBegin();
    await onTrainEnd();
    expect(readdirSync(logDir)).toEqual([]);
  });

  it.each([
    [{ updateFreq: 0 }],
    [{ updateFreq: 1.5 }],
    [{ updateFreq: 'step' as 'batch' }],
    [{ histogramFreq: -1 }],
  ])('rejects %j', (options) => {
    expect(() => tensorBoardCallback('logs', options)).toThrow(SummaryOptionError);
  });

  it('requires a model for histograms', async () => {
    const { onTrainBegin } = tensorBoardCallback('logs', { histogramFreq: 1 });
    await expect(onTrainBegin()).rejects.toThrow('expected a model for "histogramFreq"');
  });
});
