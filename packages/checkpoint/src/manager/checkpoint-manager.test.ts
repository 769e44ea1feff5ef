import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryBackend } from '../backends/memory';
import { writeCheckpoint } from '../bundle/write-checkpoint';
import {
  CheckpointNotFoundError,
  CorruptCheckpointError,
  UnsupportedCheckpointError,
} from '../errors';
import type { WritableTensor } from '../tensor';
import { CheckpointManager } from './checkpoint-manager';
import { keepEveryNSteps, keepLatest } from './keep-policies';
import { type CheckpointManagerOptions, fromTrainSaverArgs } from './manager-options';

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

const variables = (step: number): WritableTensor[] => [
  { name: 'dense/kernel', dtype: 'float32', shape: [2], data: Float32Array.of(step, -step) },
  { name: 'global_step', dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(step)) },
];

const opened = async (options: CheckpointManagerOptions) => {
  const manager = new CheckpointManager(options);
  await manager.open();
  return manager;
};

/** Saves one checkpoint per loss, at the steps 1, 2, …; undefined means no metrics. */
const saveAll = async (manager: CheckpointManager, ...losses: (number | undefined)[]) => {
  for (const [index, loss] of losses.entries()) {
    const globalStep = index + 1;
    const metrics = loss === undefined ? undefined : { loss };
    await manager.save({
      globalStep,
      tensors: variables(globalStep),
      metrics,
      state: { round: globalStep },
    });
  }
};

const steps = (manager: CheckpointManager) => [...manager.checkpoints.keys()];

const stepOf = async (manager: CheckpointManager, file = '') => {
  const read = await manager.read(file);
  return Number(read.find(({ name }) => name === 'global_step')?.data[0]);
};

describe('CheckpointManager', () => {
  it('writes the files that TensorFlow and the estimator expect', async () => {
    const directory = temporary();
    const manager = await opened({ directory, maxToKeep: 3 });
    await saveAll(manager, 0.5, 0.4, 0.3, 0.2, 0.1);
    expect(steps(manager)).toEqual([3, 4, 5]);
    expect(manager.checkpoints.get(4)).toEqual({
      file: join(directory, 'model_iter-4'),
      metrics: { loss: 0.2 },
    });
    await manager.close();
    expect(readdirSync(directory).sort()).toEqual([
      'checkpoint',
      'elistimator_meta',
      ...[3, 4, 5].flatMap((step) => [
        `model_iter-${step}.data-00000-of-00001`,
        `model_iter-${step}.index`,
      ]),
    ]);
    expect(readFileSync(join(directory, 'checkpoint'), 'utf8')).toContain(
      'model_checkpoint_path: "model_iter-5"',
    );
  });

  it('restores everything in a manager of another process', async () => {
    const directory = temporary();
    await saveAll(await opened({ directory }), 0.5, 0.1, Number.NaN);
    const again = await opened({ directory });
    expect([...again.checkpoints]).toEqual([
      [1, { file: join(directory, 'model_iter-1'), metrics: { loss: 0.5 } }],
      [2, { file: join(directory, 'model_iter-2'), metrics: { loss: 0.1 } }],
      [3, { file: join(directory, 'model_iter-3'), metrics: { loss: Number.NaN } }],
    ]);
    expect(again.state).toEqual({ round: 3 });
    expect(again.latest()?.file).toBe(join(directory, 'model_iter-3'));
    expect(again.best()?.file).toBe(join(directory, 'model_iter-2'));
    expect(await stepOf(again, again.best()?.file)).toBe(2);
    expect(await stepOf(again, 'model_iter-1')).toBe(1);
  });

  it('is empty for a missing directory', async () => {
    const manager = await opened({ directory: join(temporary(), 'none') });
    expect(manager.checkpoints.size).toBe(0);
    expect(manager.latest()).toBeUndefined();
    expect(manager.best()).toBeUndefined();
    expect(manager.state).toBeUndefined();
    await expect(manager.read('model_iter-1')).rejects.toThrow(CheckpointNotFoundError);
  });

  it('never deletes the best or the newest', async () => {
    const manager = await opened({ backend: memoryBackend(), maxToKeep: 2 });
    await saveAll(manager, 0.5, 0.1, 0.3, 0.2, 0.4);
    expect(steps(manager)).toEqual([2, 5]);
    const one = await opened({ backend: memoryBackend(), maxToKeep: 1 });
    await saveAll(one, 0.5, 0.1, 0.3);
    expect(steps(one)).toEqual([2, 3]);
  });

  it('keeps all for null or 0, five by default, and what a policy selects', async () => {
    const count = async (options: CheckpointManagerOptions) => {
      const manager = await opened({ backend: memoryBackend(), ...options });
      await saveAll(manager, ...new Array(7).fill(undefined));
      return steps(manager);
    };
    expect(await count({ maxToKeep: null })).toHaveLength(7);
    expect(await count({ maxToKeep: 0 })).toHaveLength(7);
    expect(await count({})).toEqual([3, 4, 5, 6, 7]);
    expect(await count({ keep: keepLatest(2) })).toEqual([6, 7]);
    expect(await count({ keep: keepEveryNSteps(3) })).toEqual([3, 6, 7]);
    expect(await count({ keep: { keep: () => [] } })).toEqual([7]);
  });

  it('keeps one every N hours by the given clock', async () => {
    let hours = 0;
    const clock = () => hours * 3_600_000;
    const manager = await opened({
      backend: memoryBackend(),
      maxToKeep: 1,
      keepCheckpointEveryNHours: 2,
      clock,
    });
    for (hours = 1; hours <= 6; hours++) {
      await manager.save({ globalStep: hours, tensors: variables(hours) });
    }
    expect(steps(manager)).toEqual([2, 4, 6]);
  });

  it('keeps the checkpoint just saved, also after training was rewound', async () => {
    const manager = await opened({ backend: memoryBackend(), maxToKeep: 2 });
    for (const globalStep of [100, 200, 300, 150]) {
      await manager.save({ globalStep, tensors: variables(globalStep) });
    }
    expect(steps(manager)).toEqual([150, 300]);
    expect(manager.latest()?.file).toContain('model_iter-150');
    expect(manager.checkpoints.get(300)).toMatchObject({ isAbandoned: true });
  });

  it('ranks by another metric if configured', async () => {
    const manager = await opened({
      backend: memoryBackend(),
      best: { metric: 'accuracy', mode: 'max' },
      maxToKeep: 2,
    });
    for (const [index, accuracy] of [0.9, 0.7, 0.8].entries()) {
      await manager.save({ globalStep: index, tensors: [], metrics: { accuracy, loss: accuracy } });
    }
    expect(steps(manager)).toEqual([0, 2]);
    expect(manager.best()?.metrics).toEqual({ accuracy: 0.9, loss: 0.9 });
  });

  it('can be configured from the stored state, without being opened again', async () => {
    const backend = memoryBackend();
    const configuration = { filename: 'ck', best: { metric: 'accuracy', mode: 'max' } } as const;
    const first = await opened({ backend, ...configuration });
    for (const [index, accuracy] of [0.9, 0.7, 0.8].entries()) {
      const metrics = { accuracy, loss: accuracy };
      await first.save({ globalStep: index, tensors: variables(index), metrics });
    }
    await first.close();
    const manager = await opened({ backend });
    expect(manager.best()?.metrics?.accuracy).toBe(0.7);
    manager.configure({ ...configuration, maxToKeep: 2 });
    expect(manager.best()?.metrics?.accuracy).toBe(0.9);
    expect(manager.fileOf(3)).toBe(backend.resolve('ck-3'));
    await manager.save({ globalStep: 3, tensors: variables(3) });
    expect(steps(manager)).toEqual([0, 3]);
    expect(await backend.list('model_iter')).toEqual([]);
    manager.configure({ filename: 'ck', keep: keepLatest(1) });
    await manager.save({ globalStep: 4, tensors: variables(4) });
    expect(steps(manager)).toEqual([4]);
  });

  it('can be configured before it is opened', async () => {
    const backend = memoryBackend();
    const manager = new CheckpointManager({ backend, maxToKeep: 1 });
    manager.configure({ maxToKeep: 2, varList: ['global_step'] });
    await manager.open();
    await saveAll(manager, undefined, undefined, undefined);
    expect(steps(manager)).toEqual([2, 3]);
    expect((await manager.reader('model_iter-3')).variables()).toHaveLength(1);
  });

  it('looks for orphans again when its naming changes', async () => {
    const backend = memoryBackend();
    const manager = await opened({ backend });
    await manager.acquire();
    await backend.write('ck-1.data-00000-of-00001', Buffer.from('cut off'));
    manager.configure({ filename: 'ck' });
    await manager.acquire();
    expect(await backend.list('ck')).toEqual([]);
  });

  it('keeps its configuration when a new one is rejected', async () => {
    const manager = await opened({ backend: memoryBackend(), maxToKeep: 1 });
    expect(() => manager.configure({ maxToKeep: -1 })).toThrow('option "maxToKeep"');
    expect(() => manager.configure({ filename: '../up' })).toThrow('path separator');
    await saveAll(manager, undefined, undefined);
    expect(steps(manager)).toEqual([2]);
  });

  it('writes metrics to disk that are recorded after the save', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    await saveAll(manager, undefined, undefined);
    const before = manager.checkpoints;
    expect(manager.best()?.file).toBe(manager.latest()?.file);
    expect(await manager.recordMetrics(1, { loss: 0.5 })).toBe(true);
    expect(await manager.recordMetrics(9, { loss: 0.5 })).toBe(false);
    expect(before.get(1)).not.toHaveProperty('metrics');
    const again = await opened({ directory });
    expect(again.checkpoints.get(1)?.metrics).toEqual({ loss: 0.5 });
    expect(again.best()?.file).toBe(join(directory, 'model_iter-1'));
    await expect(manager.recordMetrics(1, { loss: '1' as unknown as number })).rejects.toThrow(
      'metrics.loss',
    );
  });

  it('replaces the checkpoint of a step that is saved again', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    const attachments = { '.meta': Buffer.from('graph') };
    await manager.save({
      globalStep: 1,
      tensors: variables(10),
      metrics: { loss: 1 },
      attachments,
    });
    await manager.save({ globalStep: 1, tensors: variables(20) });
    expect([...manager.checkpoints.values()]).toEqual([{ file: join(directory, 'model_iter-1') }]);
    expect(await stepOf(manager, 'model_iter-1')).toBe(20);
    expect(readdirSync(directory).filter((name) => name.startsWith('model_iter-1.'))).toEqual([
      'model_iter-1.data-00000-of-00002',
      'model_iter-1.data-00001-of-00002',
      'model_iter-1.index',
    ]);
  });

  it('saves a step again that was deleted before', async () => {
    const manager = await opened({ backend: memoryBackend(), maxToKeep: 1 });
    await saveAll(manager, undefined, undefined);
    await saveAll(manager, undefined);
    expect(steps(manager)).toEqual([1]);
    expect(await stepOf(manager, 'model_iter-1')).toBe(1);
  });

  it('stores attachments with a checkpoint, verifies them, and deletes them with it', async () => {
    const directory = temporary();
    const manager = await opened({ directory, maxToKeep: 1 });
    for (const globalStep of [1, 2]) {
      const attachments = { '.meta': Buffer.from(`graph ${globalStep}`) };
      await manager.save({ globalStep, tensors: variables(globalStep), attachments });
    }
    expect(readdirSync(directory).filter((name) => name.endsWith('.meta'))).toEqual([
      'model_iter-2.meta',
    ]);
    const again = await opened({ directory });
    const { file = '' } = again.latest() ?? {};
    expect(Buffer.from((await again.readAttachment(file, '.meta')) ?? []).toString()).toBe(
      'graph 2',
    );
    expect(await again.readAttachment(2, '.meta')).toEqual(
      await again.readAttachment('model_iter-2', '.meta'),
    );
    expect(await again.readAttachment(file, '.other')).toBeUndefined();
    expect(await again.readAttachment(1, '.meta')).toBeUndefined();
    writeFileSync(join(directory, 'model_iter-2.meta'), 'graph 3');
    await expect(again.readAttachment(file, '.meta')).rejects.toThrow(CorruptCheckpointError);
    rmSync(join(directory, 'model_iter-2.meta'));
    await expect(again.readAttachment(file, '.meta')).rejects.toThrow(
      'expected the file, got none',
    );
  });

  it.each([
    ['a Map', new Map([['loss', 1]])],
    ['an array', [1]],
    ['a string', 'loss'],
  ])('rejects %s as metrics, and saves nothing', async (_, metrics) => {
    const backend = memoryBackend();
    const manager = await opened({ backend });
    const invalid = metrics as unknown as Record<string, number>;
    const save = manager.save({ globalStep: 1, tensors: variables(1), metrics: invalid });
    await expect(save).rejects.toThrow('option "metrics": expected an object of numbers by name');
    expect(await backend.list()).toEqual([]);
  });

  it('has only attachments it was saved with; those of other programs are not verified', async () => {
    const backend = memoryBackend();
    const manager = await opened({ backend });
    await manager.save({ globalStep: 1, tensors: variables(1) });
    await writeCheckpoint('ckpt-2', variables(2), { backend });
    for (const prefix of ['model_iter-1', 'ckpt-2'])
      await backend.write(`${prefix}.meta`, Buffer.from('graph'));
    await manager.open();
    expect(await manager.readAttachment(1, '.meta')).toBeUndefined();
    expect(await manager.readAttachment(2, '.meta')).toHaveLength(5);
  });

  it('works after the directory was moved, also if it contains absolute paths', async () => {
    const directory = temporary();
    const manager = await opened({ directory: join(directory, 'old'), saveRelativePaths: false });
    await saveAll(manager, 0.2, 0.3);
    await manager.close();
    expect(readFileSync(join(directory, 'old', 'checkpoint'), 'utf8')).toContain(
      `"${directory}/old/model_iter-2"`,
    );
    renameSync(join(directory, 'old'), join(directory, 'new'));
    rmSync(join(directory, 'new', 'elistimator_meta'));
    const moved = await opened({ directory: join(directory, 'new') });
    expect(moved.latest()?.file).toBe(join(directory, 'new', 'model_iter-2'));
    expect(await stepOf(moved, moved.latest()?.file)).toBe(2);
  });

  it('lists and restores checkpoints of other programs, and never deletes them', async () => {
    const backend = memoryBackend();
    for (const prefix of ['ckpt-3', 'model', 'weights']) {
      const tensors = prefix === 'weights' ? [] : variables(prefix === 'model' ? 8 : 3);
      await writeCheckpoint(prefix, tensors, { backend });
    }
    const manager = await opened({ backend, maxToKeep: 1 });
    expect([...manager.checkpoints.values()].map(({ file }) => file)).toEqual(
      ['ckpt-3', 'model'].map((prefix) => backend.resolve(prefix)),
    );
    await saveAll(manager, undefined, undefined);
    expect(steps(manager)).toEqual([2, 3, 8]);
    expect(await backend.list('weights')).toHaveLength(2);
    expect(steps(await opened({ backend }))).toEqual([2, 3, 8]);
  });

  it('lists unrecorded checkpoints in its own naming, and deletes them in turn', async () => {
    const backend = memoryBackend();
    await writeCheckpoint('model_iter-1', variables(1), { backend });
    await writeCheckpoint('model_iter-00000002', variables(2), { backend });
    const manager = await opened({ backend, maxToKeep: 2 });
    expect(steps(manager)).toEqual([1, 2]);
    await manager.save({ globalStep: 3, tensors: variables(3) });
    expect(steps(manager)).toEqual([2, 3]);
    expect(await backend.list('model_iter-1.')).toEqual([]);
  });

  it('lists only complete checkpoints, and deletes its own orphans at the first save', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    const attachments = { '.meta': Buffer.from('graph') };
    await manager.save({ globalStep: 1, tensors: variables(1), attachments });
    await manager.close();
    const copy = (from: string, to: string) => cpSync(join(directory, from), join(directory, to));
    copy('model_iter-1.data-00000-of-00001', 'model_iter-2.data-00000-of-00001');
    copy('model_iter-1.index', 'model_iter-3.index');
    copy('model_iter-1.meta', 'model_iter-1.next.meta');
    copy('model_iter-1.data-00000-of-00001', 'model_iter-1.data-00000-of-00002');
    copy('model_iter-1.data-00000-of-00001', 'other-9.data-00000-of-00001');
    mkdirSync(join(directory, 'model_iter-7.index'));
    const again = await opened({ directory });
    expect(steps(again)).toEqual([1]);
    await again.save({ globalStep: 5, tensors: variables(5), attachments });
    expect(
      readdirSync(directory)
        .filter((name) => /^(model|other)/.test(name))
        .sort(),
    ).toEqual([
      'model_iter-1.data-00000-of-00001',
      'model_iter-1.index',
      'model_iter-1.meta',
      // An index without data is damage, which is reported.
      'model_iter-3.index',
      'model_iter-5.data-00000-of-00001',
      'model_iter-5.index',
      'model_iter-5.meta',
      'model_iter-7.index',
      'other-9.data-00000-of-00001',
    ]);
  });

  it('names the damaged file, and distinguishes damage from other errors', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    await saveAll(manager, 0.1, 0.2, 0.3);
    writeFileSync(join(directory, 'model_iter-3.data-00000-of-00001'), Buffer.alloc(16));
    writeFileSync(join(directory, 'model_iter-2.index'), Buffer.alloc(16));
    await expect(manager.read('model_iter-3')).rejects.toThrow(CorruptCheckpointError);
    const damaged: string[] = [];
    for (const name of ['model_iter-3', 'model_iter-2', 'model_iter-9']) {
      const error: unknown = await manager.read(name).catch((thrown: unknown) => thrown);
      expect(manager.isDamage(error)).toBe(true);
      if (error instanceof CorruptCheckpointError) damaged.push(error.file);
    }
    expect(damaged).toEqual([
      join(directory, 'model_iter-3.data-00000-of-00001'),
      join(directory, 'model_iter-2.index'),
    ]);
    expect(await manager.read('model_iter-1')).toHaveLength(2);
    expect([new Error('disk full'), undefined].map((error) => manager.isDamage(error))).toEqual([
      false,
      false,
    ]);
  });

  it('selects and renames variables by varList', async () => {
    const backend = memoryBackend();
    const manager = await opened({ backend, varList: { 'model/kernel': 'dense/kernel' } });
    await saveAll(manager, undefined);
    expect((await manager.reader('model_iter-1')).variables().map(({ name }) => name)).toEqual([
      'model/kernel',
    ]);
    expect((await manager.read('model_iter-1')).map(({ name }) => name)).toEqual(['dense/kernel']);
    const missing = await opened({ backend, varList: ['nope'] });
    await expect(missing.save({ globalStep: 2, tensors: variables(2) })).rejects.toThrow(
      'expected names of existing variables, got "nope"',
    );
    expect(await backend.list('model_iter-2.')).toEqual([]);
  });

  it('reads checkpoints in other directories by their path', async () => {
    const path = await writeCheckpoint(join(temporary(), 'pretrained.ckpt'), variables(77));
    const manager = await opened({ backend: memoryBackend() });
    expect(await stepOf(manager, path)).toBe(77);
  });

  it('rejects dtypes that tfjs variables do not have, which a reader can read', async () => {
    const backend = memoryBackend();
    const tensor: WritableTensor = {
      name: 'half',
      dtype: 'float16',
      shape: [1],
      data: Uint16Array.of(1),
    };
    await writeCheckpoint('model_iter-1', [tensor], { backend });
    const manager = await opened({ backend });
    await expect(manager.read('model_iter-1')).rejects.toThrow(UnsupportedCheckpointError);
    expect((await (await manager.reader('model_iter-1')).read('half')).data).toEqual(
      Uint16Array.of(1),
    );
  });

  it('runs overlapping calls one after the other', async () => {
    const manager = await opened({ backend: memoryBackend(), maxToKeep: 2 });
    const saves = [1, 2, 3, 4].map((globalStep) =>
      manager.save({ globalStep, tensors: variables(globalStep) }),
    );
    await Promise.all([...saves, manager.recordMetrics(4, { loss: 1 }), manager.close()]);
    expect([...manager.checkpoints.keys()]).toEqual([3, 4]);
    expect(manager.checkpoints.get(4)?.metrics).toEqual({ loss: 1 });
  });

  it('rejects invalid options and snapshots', async () => {
    expect(() => new CheckpointManager({})).toThrow(
      'option "backend": expected either a backend or a directory, got neither',
    );
    expect(() => new CheckpointManager({ directory: 'x', maxToKeep: -1 })).toThrow(
      'option "maxToKeep": expected an integer of at least 0, got -1',
    );
    expect(() => new CheckpointManager({ directory: 'x', filename: '../up' })).toThrow(
      'path separator',
    );
    expect(() => new CheckpointManager({ directory: 'x', varList: ['a', 'a'] })).toThrow(
      'each variable once',
    );
    const misspelt = { directory: 'x', maxTokeep: 3 };
    expect(() => new CheckpointManager(misspelt)).toThrow(
      'got "maxTokeep". Did you mean "maxToKeep"',
    );
    const manager = await opened({ backend: memoryBackend() });
    const save = (more: object) => manager.save({ globalStep: 1, tensors: [], ...more });
    await expect(save({ globalStep: -1 })).rejects.toThrow('option "globalStep"');
    await expect(save({ state: 1n })).rejects.toThrow('a value that can be stored as JSON');
    await expect(save({ attachments: { '.index': Buffer.from('x') } })).rejects.toThrow(
      'attachments',
    );
    expect(manager.checkpoints.size).toBe(0);
  });
});

describe('fromTrainSaverArgs', () => {
  it('returns TensorFlow’s arguments and rejects others', () => {
    const args = { maxToKeep: 3, padStepNumber: true, filename: 'model.ckpt' };
    expect(fromTrainSaverArgs(args)).toEqual(args);
    expect(() => fromTrainSaverArgs({ maxToKeep: 1.5 })).toThrow('maxToKeep');
    expect(() => fromTrainSaverArgs({ max_to_keep: 3 } as object)).toThrow('got "max_to_keep"');
    expect(() => fromTrainSaverArgs({ keepCheckpointEveryNHours: 0 })).toThrow('a number above 0');
  });

  it('determines names', async () => {
    const backend = memoryBackend({ label: 'm' });
    const manager = await opened({
      backend,
      ...fromTrainSaverArgs({ padStepNumber: true, filename: 'ck' }),
    });
    expect(await manager.save({ globalStep: 12, tensors: [] })).toBe('memory:m/ck-00000012');
    expect(steps(await opened({ backend, filename: 'ck' }))).toEqual([12]);
  });
});
