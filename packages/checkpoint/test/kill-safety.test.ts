import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointManager, fileSystemBackend, type WritableTensor } from '../src/index';
import { type Fault, faultyFileSystem } from './faulty-file-system';

/** Large enough for data to be written in several parts. */
const SIZE = 70_000;

const variables = (value: number): WritableTensor[] => [
  { name: 'kernel', dtype: 'float32', shape: [SIZE], data: new Float32Array(SIZE).fill(value) },
  { name: 'value', dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) },
];

/** Attachments that differ in length, one of which only some checkpoints have. */
const attachmentsOf = (value: number) => ({
  '.meta': Buffer.from(`graph ${value}`.repeat(value)),
  ...(value % 2 === 0 && { '.vocabulary': Buffer.from(`words ${value}`) }),
});

const snapshotOf = (globalStep: number, value = globalStep) => ({
  globalStep,
  tensors: variables(value),
  attachments: attachmentsOf(value),
  state: value,
});

const NEVER = Number.POSITIVE_INFINITY;

const managerOf = async (directory: string, fault: Fault = { kind: 'stop' }, at = NEVER) => {
  const faulty = faultyFileSystem(fault, at);
  // Without the lock, because the "killed" holder continues to live in this process.
  const { lock: _, ...backend } = fileSystemBackend(directory, { fs: faulty.fs });
  const manager = new CheckpointManager({ backend, maxToKeep: 2 });
  await manager.open();
  return { manager, faulty };
};

/** Two checkpoints, the older one better. */
const before = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  const { manager } = await managerOf(directory);
  for (const globalStep of [1, 2]) {
    await manager.save({ ...snapshotOf(globalStep), metrics: { loss: globalStep } });
  }
  return directory;
};

type Action = (manager: CheckpointManager) => Promise<unknown>;

const actions: Readonly<Record<string, { run: Action; allowed: readonly string[] }>> = {
  'a save': {
    run: (manager) => manager.save(snapshotOf(3)),
    // The listed checkpoints as step:value. The old one may be deleted only after the new one is committed.
    allowed: ['1:1 2:2', '1:1 2:2 3:3', '1:1 3:3'],
  },
  'a save of an existing step': {
    run: (manager) => manager.save(snapshotOf(2, 23)),
    allowed: ['1:1 2:2', '1:1 2:23'],
  },
  'a save of an existing older step': {
    run: (manager) => manager.save(snapshotOf(1, 24)),
    allowed: ['1:1 2:2', '1:24 2:2'],
  },
  'recording metrics': {
    run: (manager) => manager.recordMetrics(1, { loss: 5 }),
    allowed: ['1:1 2:2'],
  },
};

/** The checkpoints that a new process lists, verified together with their attachments and state. */
const found = async (directory: string) => {
  const { manager } = await managerOf(directory);
  const values: string[] = [];
  for (const [step, { file }] of manager.checkpoints) {
    const [kernel, value] = await manager.read(file);
    expect(kernel?.data[SIZE - 1]).toBe(Number(value?.data[0]));
    const expected: Readonly<Record<string, Buffer>> = attachmentsOf(Number(value?.data[0]));
    for (const suffix of ['.meta', '.vocabulary']) {
      const attached = await manager.readAttachment(file, suffix);
      expect(attached && Buffer.from(attached).toString()).toBe(expected[suffix]?.toString());
    }
    values.push(`${step}:${value?.data[0]}`);
  }
  const saved = manager.saved.at(-1)?.globalStep;
  expect(values).toContain(`${saved}:${manager.state}`);
  return values.join(' ');
};

/** Asserts that the next save succeeds and leaves no orphans. */
const assertCanContinue = async (directory: string) => {
  const { manager } = await managerOf(directory);
  await manager.save(snapshotOf(9));
  const prefixes = [...manager.checkpoints.values()].map(({ file }) =>
    file.slice(directory.length + 1),
  );
  const strangers = readdirSync(directory).filter(
    (name) =>
      !['checkpoint', 'elistimator_meta'].includes(name) &&
      (name.includes('.next.') || !prefixes.some((prefix) => name.startsWith(`${prefix}.`))),
  );
  expect(strangers).toEqual([]);
  expect((await found(directory)).endsWith('9:9')).toBe(true);
};

const countOf = async (origin: string, run: Action): Promise<number> => {
  const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  cpSync(origin, directory, { recursive: true });
  const { manager, faulty } = await managerOf(directory);
  await run(manager);
  return faulty.count;
};

describe.each(Object.entries(actions))('%s', (_, { run, allowed }) => {
  it('may be interrupted at any operation: the newest complete checkpoint is restored', async () => {
    const origin = await before();
    const total = await countOf(origin, run);
    const seen = new Set<string>();
    for (let at = 0; at < total; at++) {
      const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
      cpSync(origin, directory, { recursive: true });
      const { manager, faulty } = await managerOf(directory, { kind: 'stop' }, at);
      run(manager).catch(() => undefined);
      await faulty.stopped;
      await faulty.release();
      const state = await found(directory);
      expect(allowed, `cut off at operation ${at}`).toContain(state);
      seen.add(state);
      if (at % 3 === 0) await assertCanContinue(directory);
    }
    expect(total).toBeGreaterThan(3);
    expect(seen.size).toBeGreaterThan(allowed.length > 1 ? 1 : 0);
  });

  it.each(['ENOSPC', 'EIO'] as const)(
    'may fail with %s at any operation: the error is reported and no checkpoint is lost',
    async (code) => {
      const origin = await before();
      const total = await countOf(origin, run);
      for (let at = 0; at < total; at++) {
        const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
        cpSync(origin, directory, { recursive: true });
        const { manager } = await managerOf(directory, { kind: 'error', code }, at);
        await expect(run(manager), `${code} at operation ${at}`).rejects.toThrow(code);
        expect(allowed, `${code} at operation ${at}`).toContain(await found(directory));
        // The same manager works again once the disk does.
        await run(manager);
        expect(allowed.at(-1)).toBe(await found(directory));
        if (at % 3 === 0) await assertCanContinue(directory);
      }
    },
  );
});

describe('the first save of a directory', () => {
  it('may be interrupted at any operation: the directory is empty or the checkpoint complete', async () => {
    const first: Action = (manager) => manager.save(snapshotOf(1));
    const total = await countOf(mkdtempSync(join(tmpdir(), 'checkpoint-')), first);
    for (let at = 0; at < total; at++) {
      const directory = join(mkdtempSync(join(tmpdir(), 'checkpoint-')), 'checkpoints');
      const { manager, faulty } = await managerOf(directory, { kind: 'stop' }, at);
      first(manager).catch(() => undefined);
      await faulty.stopped;
      await faulty.release();
      const again = (await managerOf(directory)).manager;
      if (again.checkpoints.size > 0) expect(await found(directory)).toBe('1:1');
      await again.save(snapshotOf(2));
      expect(await again.read('model_iter-2')).toHaveLength(2);
    }
  });
});
