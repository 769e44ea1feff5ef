import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryBackend } from '../backends/memory';
import { UnknownMetricError } from '../errors';
import type { WritableTensor } from '../tensor';
import { CheckpointManager } from './checkpoint-manager';
import { type KeepPolicy, keepAnyOf, keepBest, keepEveryNSteps, keepLatest } from './keep-policies';
import type { CheckpointManagerOptions } from './manager-options';
import type { CheckpointSnapshot } from './snapshot';

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

const tensorsOf = (value: number): WritableTensor[] => [
  { name: 'w', dtype: 'float32', shape: [3], data: Float32Array.of(1, value, 2) },
];

const opened = async (options: CheckpointManagerOptions) => {
  const manager = new CheckpointManager(options);
  await manager.open();
  return manager;
};

const saveAt = (
  manager: CheckpointManager,
  globalStep: number,
  more: Partial<CheckpointSnapshot> = {},
) => manager.save({ globalStep, tensors: tensorsOf(globalStep), ...more });

const marked = (manager: CheckpointManager, mark: 'isAbandoned' | 'isNonFinite') =>
  manager.saved.filter((checkpoint) => checkpoint[mark]).map(({ globalStep }) => globalStep);

const steps = (manager: CheckpointManager) => [...manager.checkpoints.keys()];

const latestStep = (manager: CheckpointManager) => Number(manager.latest()?.file.split('-').at(-1));

const fileText = (directory: string) => readFileSync(join(directory, 'checkpoint'), 'utf8');

/** Saved at 10, 20 and 30, and at 15 after 10 was restored. */
const rewound = async (options: CheckpointManagerOptions) => {
  const manager = await opened(options);
  for (const step of [10, 20, 30]) await saveAt(manager, step);
  await saveAt(manager, 15, { parent: 10 });
  return manager;
};

describe('an abandoned branch', () => {
  it('is never the latest, also in another process, as the "checkpoint" file says', async () => {
    const directory = temporary();
    const manager = await rewound({ directory });
    await manager.close();
    expect(fileText(directory)).toContain('model_checkpoint_path: "model_iter-15"');
    for (const each of [manager, await opened({ directory })]) {
      expect(latestStep(each)).toBe(15);
      expect(marked(each, 'isAbandoned')).toEqual([20, 30]);
      expect([...each.checkpoints].filter(([, { isAbandoned }]) => isAbandoned)).toHaveLength(2);
      expect(each.saved.map(({ globalStep }) => globalStep)).toEqual([10, 20, 30, 15]);
    }
  });

  it('is recognised without a recorded parent', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    for (const step of [10, 20, 30, 15]) await saveAt(manager, step);
    expect([latestStep(manager), ...marked(manager, 'isAbandoned')]).toEqual([15, 20, 30]);
    // A restore by name: training continues from 30.
    await saveAt(manager, 40, { parent: 30 });
    expect(marked(manager, 'isAbandoned')).toEqual([15]);
    expect(latestStep(await opened({ directory }))).toBe(40);
  });

  it('is left by fromBest: 20 restored, 25 saved', async () => {
    const manager = await opened({ backend: memoryBackend() });
    for (const [step, loss] of [
      [10, 3],
      [20, 1],
      [30, 2],
    ] as const)
      await saveAt(manager, step, { metrics: { loss } });
    await saveAt(manager, 25, { parent: 20 });
    expect([latestStep(manager), ...marked(manager, 'isAbandoned')]).toEqual([25, 30]);
  });

  it('is never the best', async () => {
    const manager = await rewound({ backend: memoryBackend() });
    await manager.recordMetrics(20, { loss: 0.1 });
    expect(manager.best()?.file).toContain('model_iter-15');
    await manager.recordMetrics(10, { loss: 0.5 });
    expect(manager.best()?.file).toContain('model_iter-10');
  });

  it('is dropped first', async () => {
    const manager = await rewound({ backend: memoryBackend(), maxToKeep: 3 });
    // 30 was dropped last of its branch: 10 and 15 are the line, 20 went first.
    expect(steps(manager)).toEqual([10, 15, 30]);
    await saveAt(manager, 16);
    expect(steps(manager)).toEqual([10, 15, 16]);
    await saveAt(manager, 17);
    expect(steps(manager)).toEqual([15, 16, 17]);
    expect(marked(manager, 'isAbandoned')).toEqual([]);
  });

  it('is shown to custom policies first, with its mark', async () => {
    const seen: unknown[] = [];
    const keep: KeepPolicy = {
      keep: (checkpoints) => {
        seen.splice(0, seen.length, ...checkpoints);
        return checkpoints;
      },
    };
    const manager = await rewound({ backend: memoryBackend(), keep });
    await saveAt(manager, 40, { tensors: tensorsOf(Number.NaN) });
    expect(seen).toMatchObject([
      { globalStep: 20, isAbandoned: true },
      { globalStep: 30, isAbandoned: true },
      { globalStep: 10 },
      { globalStep: 15 },
    ]);
    expect(seen.every(Object.isFrozen)).toBe(true);
  });

  it('keeps its lines when checkpoints in between are dropped or replaced', async () => {
    const directory = temporary();
    const manager = await opened({ directory, keep: keepEveryNSteps(20) });
    for (const step of [20, 25, 40]) await saveAt(manager, step);
    await saveAt(manager, 40, { parent: 40 });
    expect(steps(manager)).toEqual([20, 40]);
    expect(marked(await opened({ directory }), 'isAbandoned')).toEqual([]);
    // A save of 20 on another line replaces the parent of 40, which is abandoned now.
    manager.configure({ maxToKeep: null });
    await saveAt(manager, 20, { parent: null });
    expect([latestStep(manager), ...marked(manager, 'isAbandoned')]).toEqual([20, 40]);
  });

  it.each([-1, 1.5, '10'])('rejects %j as a parent', async (parent) => {
    const manager = await opened({ backend: memoryBackend() });
    const invalid = parent as number;
    await expect(saveAt(manager, 10, { parent: invalid })).rejects.toThrow('option "parent"');
  });
});

describe('a checkpoint that is not finite', () => {
  it('evicts none that is, and is neither latest nor best', async () => {
    const directory = temporary();
    const manager = await opened({ directory, maxToKeep: 2 });
    for (let step = 5; step <= 35; step += 5)
      await saveAt(manager, step, { metrics: { loss: 1 / step } });
    for (let step = 40; step <= 100; step += 5) {
      const metrics = { loss: Number.NEGATIVE_INFINITY };
      await saveAt(manager, step, { tensors: tensorsOf(Number.NaN), metrics });
    }
    await manager.close();
    for (const each of [manager, await opened({ directory })]) {
      expect(steps(each)).toEqual([30, 35, 100]);
      expect(marked(each, 'isNonFinite')).toEqual([100]);
      expect(marked(each, 'isAbandoned')).toEqual([]);
      expect(latestStep(each)).toBe(35);
      expect(each.best()?.file).toContain('model_iter-35');
    }
    expect(fileText(directory)).toContain('model_checkpoint_path: "model_iter-35"');
    await saveAt(manager, 36, { parent: 35 });
    expect(steps(manager)).toEqual([35, 36, 100]);
    expect(marked(manager, 'isAbandoned')).toEqual([100]);
  });

  it('evicts none with policies that would keep the newest only', async () => {
    for (const keep of [keepLatest(1), { keep: () => [] }]) {
      const manager = await opened({ backend: memoryBackend(), keep });
      await saveAt(manager, 1);
      await saveAt(manager, 2, { isNonFinite: true });
      await saveAt(manager, 3, { isNonFinite: true });
      expect(steps(manager)).toEqual([1, 3]);
      expect(latestStep(manager)).toBe(1);
    }
  });

  it('is in the "checkpoint" file only next to one that is', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    await saveAt(manager, 1, { isNonFinite: true });
    expect(manager.latest()).toBeUndefined();
    expect(() => fileText(directory)).toThrow('ENOENT');
    await saveAt(manager, 2);
    expect(fileText(directory)).toContain('model_checkpoint_path: "model_iter-2"');
    // The only finite one is replaced.
    await saveAt(manager, 2, { isNonFinite: true });
    expect(() => fileText(directory)).toThrow('ENOENT');
    expect((await opened({ directory })).latest()).toBeUndefined();
  });

  it.each([
    ['float32', Float32Array.of(0, Number.POSITIVE_INFINITY)],
    ['float64', Float64Array.of(Number.NaN, 1)],
    ['complex64', Float32Array.of(1, Number.NEGATIVE_INFINITY, 0, 0)],
    ['float16', Uint16Array.of(0x3c00, 0x7c00)],
    ['bfloat16', Uint16Array.of(0xff81, 0)],
  ] as const)('is recognised by its %s tensors', async (dtype, data) => {
    const manager = await opened({ backend: memoryBackend() });
    await saveAt(manager, 1, { tensors: [{ name: 'x', dtype, shape: [2], data }] });
    expect(marked(manager, 'isNonFinite')).toEqual([1]);
  });

  it('is what the snapshot says, if it does: a mask may be infinite', async () => {
    const manager = await opened({ backend: memoryBackend() });
    const tensors = tensorsOf(Number.NEGATIVE_INFINITY);
    await saveAt(manager, 1, { tensors, isNonFinite: false });
    await saveAt(manager, 2, { isNonFinite: true });
    // Greatest values, and those that only look like NaN.
    const halves = Uint16Array.of(0x7bff, 0xfbff);
    const greatest = [
      { name: 'a', dtype: 'float16' as const, shape: [2], data: halves },
      { name: 'b', dtype: 'float32' as const, shape: [1], data: Float32Array.of(3.4e38) },
      { name: 'c', dtype: 'int32' as const, shape: [1], data: Int32Array.of(0x7fc00000) },
    ];
    await saveAt(manager, 3, { tensors: greatest });
    expect(marked(manager, 'isNonFinite')).toEqual([2]);
  });
});

describe('ranking', () => {
  it('leaves out metrics that are not finite', async () => {
    const losses = [Number.NEGATIVE_INFINITY, 0.5, Number.NaN, Number.POSITIVE_INFINITY];
    const manager = await opened({ backend: memoryBackend() });
    for (const [step, loss] of losses.entries()) await saveAt(manager, step, { metrics: { loss } });
    expect(manager.best()?.file).toContain('model_iter-1');
    const none = await opened({ backend: memoryBackend() });
    for (const [step, loss] of [0, Number.NaN].entries())
      await saveAt(none, step, { metrics: { loss: loss / 0 } });
    expect(none.best()?.file).toContain('model_iter-1');
  });

  it('by a metric that no validation has is an error that lists those that exist', async () => {
    const best = { metric: 'acc', mode: 'max' } as const;
    const manager = await opened({ backend: memoryBackend(), best });
    await saveAt(manager, 1);
    expect(manager.best()?.file).toContain('model_iter-1');
    await manager.recordMetrics(1, { loss: 0.5, accuracy: 0.9 });
    expect(() => manager.best()).toThrow(UnknownMetricError);
    expect(() => manager.best()).toThrow(
      'best checkpoint: expected a metric that a validation recorded: "accuracy", "loss", got "acc". Did you mean "accuracy"?',
    );
    manager.configure({ best: { metric: 'accuracy', mode: 'max' } });
    expect(manager.best()?.metrics?.accuracy).toBe(0.9);
  });

  it('names the metrics of the configuration, apart from the loss', async () => {
    const rankedBy = (options: CheckpointManagerOptions) =>
      new CheckpointManager({ backend: memoryBackend(), ...options }).rankedBy;
    expect(rankedBy({})).toEqual([]);
    expect(rankedBy({ best: { metric: 'acc', mode: 'max' } })).toEqual(['acc']);
    const keep = keepAnyOf(
      keepLatest(1),
      keepBest({ metric: 'loss', mode: 'min' }),
      keepBest({ metric: 'auc', mode: 'max' }),
    );
    expect(rankedBy({ keep })).toEqual(['auc']);
    const custom: KeepPolicy = { keep: () => [], rankedBy: ['f1'] };
    expect(rankedBy({ keep: custom, best: { metric: 'acc', mode: 'max' } })).toEqual(['acc', 'f1']);
  });
});

describe('what a manager hands out and takes', () => {
  it('cannot change the manager', async () => {
    const directory = temporary();
    const manager = await opened({ directory });
    await saveAt(manager, 1, { metrics: { loss: 0.5 }, state: { nested: [1] } });
    await saveAt(manager, 2, { metrics: { loss: 0.7 } });
    const entry = manager.checkpoints.get(2);
    expect(() => Object.assign(entry?.metrics ?? {}, { loss: -5 })).toThrow('read only');
    expect(() => Object.assign(entry ?? {}, { file: 'x' })).toThrow('read only');
    expect(() => Object.assign(manager.saved[1]?.metrics ?? {}, { loss: -5 })).toThrow('read only');
    expect(() => Object.assign(manager.saved, { 0: undefined })).toThrow('read only');
    expect(() => Object.assign(manager.problems, { 0: 'x' })).toThrow();
    expect(() => Object.assign(manager.rankedBy, { 0: 'x' })).toThrow();
    (manager.checkpoints as Map<number, unknown>).clear();
    expect(steps(manager)).toEqual([1, 2]);
    expect(manager.best()?.file).toBe(join(directory, 'model_iter-1'));
    for (const each of [manager, await opened({ directory })]) {
      await saveAt(each, 3, { state: { nested: [1] } });
      const state = each.state as { nested: number[] };
      expect(() => state.nested.push(2)).toThrow();
    }
  });

  it('is copied when save() and the constructor are called', async () => {
    const best: { metric: string; mode: 'min' | 'max' } = { metric: 'loss', mode: 'min' };
    const varList = ['w'];
    const manager = await opened({ backend: memoryBackend(), best, varList });
    const metrics = { loss: 0.5 };
    const snapshot = {
      globalStep: 1,
      tensors: tensorsOf(1),
      metrics,
      state: { rounds: 1 },
      attachments: { '.meta': Buffer.from('graph') },
    };
    const other = saveAt(manager, 7, { metrics: { loss: 0.1 } });
    const saving = manager.save(snapshot);
    metrics.loss = -5;
    snapshot.globalStep = 2;
    snapshot.state.rounds = 2;
    snapshot.tensors.pop();
    snapshot.attachments['.meta'].fill(0);
    best.mode = 'max';
    varList.push('nothing');
    await Promise.all([other, saving]);
    expect(steps(manager)).toEqual([1, 7]);
    expect(manager.state).toEqual({ rounds: 1 });
    expect(manager.checkpoints.get(1)?.metrics).toEqual({ loss: 0.5 });
    expect(await manager.read('model_iter-1')).toHaveLength(1);
    expect(Buffer.from((await manager.readAttachment(1, '.meta')) ?? []).toString()).toBe('graph');
    expect(manager.best()?.file).toContain('model_iter-1');
  });

  it('has shapes of its own in a reader', async () => {
    const manager = await opened({ backend: memoryBackend() });
    await saveAt(manager, 1);
    const reader = await manager.reader('model_iter-1');
    const [variable] = reader.variables();
    Object.assign(variable?.shape ?? [], { 0: 99 });
    Object.assign((await reader.read('w')).shape, { 0: 99 });
    expect(reader.variables()).toEqual([{ name: 'w', dtype: 'float32', shape: [3] }]);
    expect((await reader.read('w')).shape).toEqual([3]);
  });
});
