// Which checkpoint is the latest, after training continued from an earlier one.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Estimator,
  NoCheckpointError,
  type SaveMoment,
  saveEveryNSteps,
  saveOnImprovement,
} from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts, type MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

/** Checkpoints 10, 20 and 30, each validated. */
const threeCheckpoints = async (ports = new MemoryPorts()) => {
  const { estimator } = createLineEstimator({}, ports);
  await estimator.setup(lineInputs);
  for (let step = 10; step <= 30; step += 10) {
    await estimator.train();
    await estimator.train().validate();
    await estimator.saveCkpt();
  }
  return { estimator, ports };
};

/** Makes the loss of one checkpoint the least. */
const makeBest = (store: MemoryStore, step: number) => store.recordMetrics(step, { loss: 1e-9 });

const recovered = async (store: MemoryStore, fromBest = false) => {
  const { estimator, ports } = createLineEstimator({}, new MemoryPorts(store));
  await estimator.recover({ fromBest });
  return { estimator, ports };
};

const metricsOf = (estimator: Estimator<typeof lineModelFn>, step: number) =>
  estimator.checkpoints.get(step)?.metrics;

describe('a validation', () => {
  it('says nothing about the checkpoint of the same step on another line', async () => {
    const { estimator } = await threeCheckpoints();
    const before = metricsOf(estimator, 20);
    await estimator.restoreCkpt('model_iter-10');
    await estimator.train();
    await estimator.assignVariables([
      { name: 'dense/kernel', dtype: 'float32', shape: [1, 4], data: new Float32Array(4) },
    ]);
    const after = await estimator.train().validate();
    expect(estimator.globalStep).toBe(20);
    expect(metricsOf(estimator, 20)).toEqual(before);
    await estimator.saveCkpt();
    expect(metricsOf(estimator, 20)).toEqual(after);
  });

  it.each([false, true])(
    'says nothing about the checkpoint whose values were replaced (in the background: %s)',
    async (saveInBackground) => {
      const { estimator } = createLineEstimator();
      await estimator.setup({ ...lineInputs, saveInBackground });
      await estimator.train().saveCkpt();
      const { loss } = await estimator.validate();
      await estimator.restoreLatestCkpt();
      expect(metricsOf(estimator, 5)?.loss).toBe(loss);
      estimator.session.assign('dense/kernel', tf.zeros([1, 4]));
      expect((await estimator.validate()).loss).not.toBe(loss);
      await estimator.restoreLatestCkpt();
      expect(metricsOf(estimator, 5)?.loss).toBe(loss);
      expect((await estimator.validate()).loss).toBe(loss);
    },
  );

  it('says nothing about the checkpoint that a failed save would have replaced', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup({ ...lineInputs, saveInBackground: true });
    await estimator.train().saveCkpt();
    const { loss } = await estimator.validate();
    await estimator.restoreLatestCkpt();
    estimator.session.assign('dense/kernel', tf.zeros([1, 4]));
    ports.store.save = () => Promise.reject(new Error('disk full'));
    await estimator.saveCkpt();
    expect((await estimator.validate()).loss).not.toBe(loss);
    await expect(estimator.restoreLatestCkpt()).rejects.toThrow('disk full');
    await estimator.restoreLatestCkpt();
    expect(metricsOf(estimator, 5)?.loss).toBe(loss);
    await estimator.validate();
    expect(metricsOf(estimator, 5)?.loss).toBe(loss);
  });
});

describe('the latest checkpoint', () => {
  it('is the one saved last, within a process and in a new one', async () => {
    const { estimator, ports } = await threeCheckpoints();
    await estimator.restoreCkpt('model_iter-10');
    await estimator.train().saveCkpt();
    expect(estimator.globalStep).toBe(15);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(15);
    expect((await recovered(ports.store)).estimator.globalStep).toBe(15);
    const marks = [...estimator.checkpoints].map(([step, { isAbandoned }]) => [step, isAbandoned]);
    expect(marks).toEqual([
      [10, undefined],
      [15, undefined],
      [20, true],
      [30, true],
    ]);
  });

  it('is the one saved after fromDisk({ fromBest })', async () => {
    const { estimator: first, ports } = await threeCheckpoints();
    await first.close();
    await makeBest(ports.store, 20);
    const { estimator } = await recovered(ports.store, true);
    expect(estimator.globalStep).toBe(20);
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    expect((await recovered(ports.store)).estimator.globalStep).toBe(25);
  });

  it('is an abandoned one again once training continued from it', async () => {
    const { estimator } = await threeCheckpoints();
    await estimator.restoreCkpt('model_iter-10');
    await estimator.train().saveCkpt();
    await estimator.restoreCkpt('model_iter-30');
    await estimator.train().saveCkpt();
    const marked = [...estimator.checkpoints].filter(([, { isAbandoned }]) => isAbandoned);
    expect(marked.map(([step]) => step)).toEqual([15]);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(35);
  });

  it('falls back in the order of saving, and never to an abandoned one', async () => {
    const { estimator, ports } = await threeCheckpoints();
    await estimator.restoreCkpt('model_iter-10');
    await estimator.train().saveCkpt();
    ports.store.damaged.add(15);
    await estimator.restoreLatestCkpt({ fallback: true });
    expect(estimator.globalStep).toBe(10);
    ports.store.damaged.add(10);
    const restoring = estimator.restoreLatestCkpt({ fallback: true });
    await expect(restoring).rejects.toThrow(NoCheckpointError);
    await expect(restoring).rejects.toThrow(
      /all are damaged.*only by name.*model_iter-20 \(abandoned\), model_iter-30 \(abandoned\)/,
    );
    await estimator.restoreCkpt('model_iter-30');
    expect(estimator.globalStep).toBe(30);
  });

  it('replaces one of the same step without abandoning what came before', async () => {
    const { estimator } = await threeCheckpoints();
    await estimator.restoreCkpt('model_iter-20');
    await estimator.saveCkpt();
    const kept = [...estimator.checkpoints].filter(([, { isAbandoned }]) => !isAbandoned);
    expect(kept.map(([step]) => step)).toEqual([10, 20]);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(20);
  });
});

describe('a file from elsewhere', () => {
  it('does not count as the checkpoint of the same name, and abandons those of the directory', async () => {
    const { estimator, ports } = await threeCheckpoints();
    const { tensors } = ports.store.snapshots.get(10) ?? { tensors: [] };
    const read = ports.store.read.bind(ports.store);
    ports.store.read = async (file) => (file.startsWith('/elsewhere') ? tensors : read(file));
    await estimator.restoreCkpt('/elsewhere/model_iter-10');
    await estimator.train({ maxSteps: 1 });
    await estimator.saveCkpt();
    expect(ports.store.snapshots.get(11)?.parent).toBeNull();
    // Its metrics are not those of the directory's checkpoint of this step.
    await estimator.restoreCkpt('/elsewhere/model_iter-10');
    await estimator.saveCkpt();
    expect(estimator.checkpoints.get(10)?.metrics).toBeUndefined();
  });

  it('does not make the directory of another run this one', async () => {
    const { ports } = await threeCheckpoints();
    const { estimator } = createLineEstimator({}, new MemoryPorts(ports.store));
    const { tensors } = ports.store.snapshots.get(10) ?? { tensors: [] };
    ports.store.read = async () => tensors;
    await estimator.setup(lineInputs);
    await estimator.restoreCkpt('/elsewhere/model_iter-10');
    await expect(estimator.train()).rejects.toThrow(/modelDir memory: .*up to global step 30/);
    expect(ports.store.snapshots.size).toBe(3);
  });
});

describe('a save trigger', () => {
  it('sees the ancestors of the current position, also before the first save', async () => {
    const { estimator } = await threeCheckpoints();
    const seen: number[][] = [];
    const saveWhen = {
      shouldSave: ({ saved }: SaveMoment) => {
        seen.push(saved.map(({ globalStep }) => globalStep));
        return false;
      },
    };
    await estimator.setup({ ...lineInputs, saveWhen });
    await estimator.train({ maxSteps: 1 });
    await estimator.restoreCkpt('model_iter-20');
    await estimator.train({ maxSteps: 1 });
    await estimator.saveCkpt();
    await estimator.train({ maxSteps: 1 });
    await estimator.restoreCkpt('model_iter-30');
    await estimator.train({ maxSteps: 1 });
    expect(seen).toEqual([
      [10, 20, 30],
      [10, 20],
      [10, 20, 21],
      [10, 20, 30],
    ]);
  });

  it('counts steps from the restored checkpoint, in the background too', async () => {
    const { estimator, ports } = await threeCheckpoints();
    await estimator.restoreCkpt('model_iter-10');
    const saveInBackground = true;
    await estimator.setup({ ...lineInputs, saveInBackground, saveWhen: saveEveryNSteps(2) });
    await estimator.train();
    await estimator.close();
    expect([...ports.store.snapshots.keys()]).toEqual([10, 20, 30, 12, 14]);
    expect(ports.store.snapshots.get(12)?.parent).toBe(10);
    expect(ports.store.snapshots.get(14)?.parent).toBe(12);
  });

  it('compares with the metrics of its own line', async () => {
    const { estimator, ports } = await threeCheckpoints();
    await makeBest(ports.store, 30);
    await estimator.restoreCkpt('model_iter-10');
    const saveWhen = saveOnImprovement({ metric: 'loss', mode: 'min' });
    await estimator.setup({ ...lineInputs, saveWhen });
    await estimator.train().validate();
    expect(estimator.checkpoints.has(15)).toBe(true);
  });
});

describe('a checkpoint that another process deletes before it is read', () => {
  /** Deletes a checkpoint when it is read for the first time, and saves another one. */
  const racing = (store: MemoryStore, deleted: number) => {
    const read = store.read.bind(store);
    store.read = async (file) => {
      const snapshot = store.snapshots.get(deleted);
      if (file !== `model_iter-${deleted}` || snapshot === undefined) return read(file);
      store.snapshots.delete(deleted);
      const tensors = snapshot.tensors.map((tensor) =>
        tensor.name === 'global_step' ? { ...tensor, data: BigInt64Array.of(99n) } : tensor,
      );
      await store.save({ ...snapshot, globalStep: 99, tensors });
      throw Object.assign(new Error('not found'), { name: 'CorruptCheckpointError' });
    };
  };

  it.each([{}, { fallback: true }])(
    'is not damaged, so that the newest one is restored: %j',
    async (options) => {
      const { estimator, ports } = await threeCheckpoints();
      racing(ports.store, 30);
      await estimator.restoreLatestCkpt(options);
      expect(estimator.globalStep).toBe(99);
      expect(ports.progress.log.filter((line) => line.startsWith('Skipped'))).toEqual([]);
    },
  );

  it('does not fail fromDisk() with or without the model function', async () => {
    for (const modelFn of [lineModelFn, null]) {
      const { ports } = await threeCheckpoints();
      racing(ports.store, 30);
      const estimator = new Estimator({ modelFn } as never, new MemoryPorts(ports.store));
      await estimator.recover();
      expect(estimator.globalStep).toBe(99);
    }
  });

  it('is an error if it stays listed', async () => {
    const { estimator, ports } = await threeCheckpoints();
    ports.store.damaged.add(30);
    await expect(estimator.restoreLatestCkpt()).rejects.toThrow('model_iter-30 is damaged');
  });
});
