import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryBackend } from '../backends/memory';
import { UnsupportedCheckpointError } from '../errors';
import { CheckpointManager } from './checkpoint-manager';
import { METADATA_NAME } from './metadata';

const tensorsOf = (step: number) => [
  { name: 'w', dtype: 'float32' as const, shape: [1], data: Float32Array.of(step) },
];

const opened = async (directory: string) => {
  const manager = new CheckpointManager({ directory });
  await manager.open();
  return manager;
};

let directory: string;

/** Saved at 10, 20 and 30, and at 15 after 10 was restored; with metrics, state, and graphs. */
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  const manager = await opened(directory);
  for (const [globalStep, parent] of [[10], [20], [30], [15, 10]] as const)
    await manager.save({
      globalStep,
      parent,
      tensors: tensorsOf(globalStep),
      metrics: { loss: 1 / globalStep },
      state: { step: globalStep },
      attachments: { '.meta': Buffer.from(`graph ${globalStep}`) },
    });
  await manager.close();
});

const at = (name: string) => join(directory, name);

const latestStep = (manager: CheckpointManager) => Number(manager.latest()?.file.split('-').at(-1));

/** All four checkpoints with their graphs can be restored, and training continues. */
const assertWhole = async (manager: CheckpointManager, { hasFile = true } = {}) => {
  expect([...manager.checkpoints.keys()]).toEqual([10, 15, 20, 30]);
  for (const [step, { file }] of manager.checkpoints) {
    expect((await manager.read(file))[0]?.data).toEqual(Float32Array.of(step));
    const graph = await manager.readAttachment(file, '.meta');
    expect(Buffer.from(graph ?? []).toString()).toBe(`graph ${step}`);
  }
  // The order of saving is that of the "checkpoint" file.
  expect(latestStep(manager)).toBe(hasFile ? 15 : 30);
};

describe('a directory with garbled metadata', () => {
  it.each([
    ['cut off', (text: string) => text.slice(0, 300), 'expected the file to be JSON'],
    ['empty', () => '', 'expected the file to be JSON'],
    ['another file', () => '{"format":"other"}', 'expected format to be'],
    ['bytes', () => '\0\x01\x02', 'expected the file to be JSON'],
    [
      'a step twice',
      (text: string) => text.replace('"globalStep": 20', '"globalStep": 10'),
      'one per global step',
    ],
  ])('opens, lists and restores everything: %s', async (_, garble, message) => {
    writeFileSync(at(METADATA_NAME), garble(readFileSync(at(METADATA_NAME), 'utf8')));
    const garbled = readFileSync(at(METADATA_NAME));
    const manager = await opened(directory);
    expect(manager.problems).toEqual([expect.stringContaining(message)]);
    expect(manager.problems[0]).toContain(at(METADATA_NAME));
    await assertWhole(manager);
    expect(manager.state).toBeUndefined();
    expect(manager.checkpoints.get(10)?.metrics).toBeUndefined();
    // Reading has changed nothing.
    expect(readFileSync(at(METADATA_NAME))).toEqual(garbled);
    await manager.acquire();
    await manager.acquire();
    await manager.save({ globalStep: 40, tensors: tensorsOf(40), state: { step: 40 } });
    await manager.close();
    const kept = readdirSync(directory).filter((name) => name.includes('.damaged-'));
    expect(kept.map((name) => readFileSync(at(name)))).toEqual([garbled]);
    const again = await opened(directory);
    expect(again.problems).toEqual([]);
    expect([...again.checkpoints.keys()]).toEqual([10, 15, 20, 30, 40]);
    expect(again.state).toEqual({ step: 40 });
  });

  it('deletes nothing that metadata would have told to keep', async () => {
    writeFileSync(at(METADATA_NAME), '{');
    rmSync(at('model_iter-10.index'));
    renameSync(at('model_iter-20.meta'), at('model_iter-20.next.meta'));
    const manager = await opened(directory);
    await manager.acquire();
    await manager.close();
    expect(readdirSync(directory)).toEqual(
      expect.arrayContaining(['model_iter-10.data-00000-of-00001', 'model_iter-20.next.meta']),
    );
  });

  it('is read but not written if a later version wrote it', async () => {
    const later = readFileSync(at(METADATA_NAME), 'utf8').replace('"version": 1', '"version": 2');
    writeFileSync(at(METADATA_NAME), later);
    const manager = await opened(directory);
    expect(manager.problems[0]).toContain('Update @elistimator/checkpoint.');
    await assertWhole(manager);
    const save = manager.save({ globalStep: 40, tensors: tensorsOf(40) });
    await expect(save).rejects.toThrow(UnsupportedCheckpointError);
    await expect(manager.acquire()).rejects.toThrow(UnsupportedCheckpointError);
    expect(readFileSync(at(METADATA_NAME), 'utf8')).toBe(later);
    expect(readdirSync(directory).filter((name) => /lock|-40/.test(name))).toEqual([]);
  });
});

describe('a directory without', () => {
  it('metadata: everything is found', async () => {
    rmSync(at(METADATA_NAME));
    const manager = await opened(directory);
    expect(manager.problems).toEqual([
      expect.stringContaining(`${at(METADATA_NAME)}: expected the file, got none`),
    ]);
    await assertWhole(manager);
  });

  it('metadata and "checkpoint": everything is found, in the order of steps', async () => {
    rmSync(at(METADATA_NAME));
    rmSync(at('checkpoint'));
    await assertWhole(await opened(directory), { hasFile: false });
  });

  it('an intact "checkpoint" file: the metadata says what is the latest', async () => {
    for (const text of ['garbage', '', 'model_checkpoint_path: "model_iter-30']) {
      writeFileSync(at('checkpoint'), text);
      const manager = await opened(directory);
      expect(manager.problems).toEqual([
        expect.stringContaining(`${at('checkpoint')}: expected a list of checkpoints`),
      ]);
      await assertWhole(manager);
    }
    const manager = await opened(directory);
    await manager.acquire();
    expect(readFileSync(at('checkpoint'), 'utf8')).toContain('"model_iter-15"');
    expect((await opened(directory)).problems).toEqual([]);
    await manager.close();
  });
});

describe('a checkpoint that lacks files', () => {
  it('is reported, not silently left out, as long as it does', async () => {
    rmSync(at('model_iter-20.data-00000-of-00001'));
    rmSync(at('model_iter-30.index'));
    const manager = await opened(directory);
    expect([...manager.checkpoints.keys()]).toEqual([10, 15]);
    const expected = [
      `checkpoint ${at('model_iter-20')}: expected its index and all data files, got only the index`,
      `checkpoint ${at('model_iter-30')}: expected its index and all data files, got only 1 of 1 data files`,
    ].map((text) => expect.stringContaining(text));
    expect([...manager.problems].sort()).toEqual(expected);
    await manager.save({ globalStep: 40, tensors: tensorsOf(40) });
    await manager.close();
    const again = await opened(directory);
    expect([...again.problems].sort()).toEqual(expected);
    await again.acquire();
    await again.close();
    expect(readdirSync(directory)).toContain('model_iter-30.data-00000-of-00001');
    await again.save({ globalStep: 30, tensors: tensorsOf(30) });
    await again.open();
    expect(again.problems).toHaveLength(1);
    expect([...again.checkpoints.keys()]).toEqual([10, 15, 30, 40]);
    await again.close();
  });

  it('does not break the line of those that continued from it', async () => {
    const manager = await opened(directory);
    await manager.save({ globalStep: 40, tensors: tensorsOf(40) });
    await manager.close();
    rmSync(at('model_iter-15.data-00000-of-00001'));
    const again = await opened(directory);
    const abandoned = again.saved.filter(({ isAbandoned }) => isAbandoned);
    expect(abandoned.map(({ globalStep }) => globalStep)).toEqual([20, 30]);
  });

  it('is not reported if all its files were deleted', async () => {
    for (const name of readdirSync(directory))
      if (name.startsWith('model_iter-20.')) rmSync(at(name));
    const manager = await opened(directory);
    expect(manager.problems).toEqual([]);
    expect([...manager.checkpoints.keys()]).toEqual([10, 15, 30]);
  });

  it('is damage if its index is a link to nothing', async () => {
    rmSync(at('model_iter-20.index'));
    symlinkSync(at('nothing'), at('model_iter-20.index'));
    const manager = await opened(directory);
    const error: unknown = await manager.read('model_iter-20').catch((thrown: unknown) => thrown);
    expect(manager.isDamage(error)).toBe(true);
  });
});

it('reading at the same time as another process saves reports no damage', async () => {
  const backend = memoryBackend();
  const writer = new CheckpointManager({ backend, maxToKeep: 2 });
  const save = (globalStep: number) => writer.save({ globalStep, tensors: tensorsOf(globalStep) });
  await save(1);
  let step = 1;
  const reader = new CheckpointManager({
    backend: {
      ...backend,
      // A process that saves between the list and whatever is read next.
      list: async (prefix) => {
        const names = await backend.list(prefix);
        if (step < 3) await save(++step);
        return names;
      },
      lock: undefined,
    },
  });
  await reader.open();
  expect(reader.problems).toEqual([]);
  expect([...reader.checkpoints.keys()]).toEqual([2, 3]);
});

it('acquire() reads what another process has saved, also on a backend without a lock', async () => {
  const { lock: _, ...backend } = memoryBackend();
  const [first, second] = [new CheckpointManager({ backend }), new CheckpointManager({ backend })];
  for (const [manager, globalStep] of [
    [first, 1],
    [second, 2],
  ] as const) {
    await manager.acquire();
    await manager.save({ globalStep, tensors: tensorsOf(globalStep) });
  }
  await first.acquire();
  expect([...first.checkpoints.keys()]).toEqual([1, 2]);
});
