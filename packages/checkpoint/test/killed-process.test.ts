import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckpointManager, type WritableTensor } from '../src/index';
import { checkpointOf } from './killed-process-snapshots';

/** Each kill takes a tenth of a second on an idle machine; busy machines need much longer. */
const TIMEOUT = 3_600_000;

/** More than one per core, because processes often wait for the disk. */
const AT_ONCE = 4;

const temporary = () => mkdtemp(join(tmpdir(), 'checkpoint-'));

const program = { path: '' };

beforeAll(async () => {
  const outDir = await temporary();
  await build({
    entry: { child: fileURLToPath(new URL('./killed-process.ts', import.meta.url)) },
    outDir,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/.*/],
    config: false,
    silent: true,
    dts: false,
    minify: true,
  });
  program.path = join(outDir, 'child.mjs');
});

/** Saves in a separate process. Returns how it ended, and the number of operations if it was not killed. */
const savedBy = (
  directory: string,
  saves: readonly string[],
  at = Number.MAX_SAFE_INTEGER,
): Promise<{ readonly signal: string | undefined; readonly operations: number }> =>
  new Promise((resolve) => {
    const args = [program.path, directory, String(at), ...saves];
    execFile(process.execPath, args, (error, stdout) => {
      resolve({ signal: error?.signal, operations: Number(stdout) });
    });
  });

const bytesOf = (data: WritableTensor['data']): Buffer =>
  'buffer' in data ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);

/** The save that a stored step is from, after asserting that tensors, attachments and metrics are from the same one. */
const generationOf = async (manager: CheckpointManager, step: number): Promise<string> => {
  const { file = '', metrics } = manager.checkpoints.get(step) ?? {};
  const generation = Math.floor(1 / (metrics?.loss ?? 0) / 101 + 1e-6);
  const expected = checkpointOf(step, generation);
  expect(metrics).toEqual(expected.metrics);
  const tensors = new Map(expected.tensors.map(({ name, data }) => [name, bytesOf(data)]));
  for (const { name, data } of await manager.read(file)) {
    expect(bytesOf(data).equals(tensors.get(name) ?? Buffer.alloc(0)), name).toBe(true);
    tensors.delete(name);
  }
  expect([...tensors.keys()]).toEqual([]);
  for (const suffix of ['.meta', '.vocabulary']) {
    const attached = await manager.readAttachment(step, suffix);
    expect(attached && Buffer.from(attached)).toEqual(expected.attachments?.[suffix]);
  }
  return `${step}:${generation}`;
};

/** The checkpoints that a new process lists, verified; the state is that of the last save. */
const found = async (manager: CheckpointManager): Promise<string> => {
  const all: string[] = [];
  for (const step of manager.checkpoints.keys()) all.push(await generationOf(manager, step));
  const last = manager.saved.at(-1)?.globalStep ?? 0;
  const [, generation] = all.find((one) => one.startsWith(`${last}:`))?.split(':') ?? [];
  expect(manager.state).toEqual(checkpointOf(last, Number(generation)).state);
  return all.join(' ');
};

/** Asserts that the next save succeeds and leaves no orphans. */
const assertGoesOn = async (manager: CheckpointManager, directory: string) => {
  await manager.save(checkpointOf(9));
  await manager.close();
  expect(await generationOf(manager, 9)).toBe('9:1');
  const kept = [...manager.checkpoints.keys()].map((step) => `model_iter-${step}.`);
  const strangers = readdirSync(directory).filter(
    (name) =>
      !['checkpoint', 'elistimator_meta'].includes(name) &&
      (name.includes('.next.') || !kept.some((prefix) => name.startsWith(prefix))),
  );
  expect(strangers).toEqual([]);
};

/** Runs a task for every number below `count`, several at the same time. */
const forEach = async (count: number, task: (at: number) => Promise<void>) => {
  let next = 0;
  const work = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
};

let kills = 0;

describe('a process killed at every operation of a save', () => {
  it.each([
    {
      name: 'in addition to an older checkpoint',
      there: ['1:1'],
      saving: '2:1',
      allowed: ['1:1', '1:1 2:1'],
    },
    {
      name: 'so that an older one is deleted',
      there: ['1:1', '2:1'],
      saving: '3:1',
      allowed: ['1:1 2:1', '1:1 2:1 3:1', '2:1 3:1'],
    },
    {
      name: 'that replaces a checkpoint of the same step with other attachments',
      there: ['1:1', '2:1'],
      saving: '2:3',
      allowed: ['1:1 2:1', '1:1 2:3'],
    },
  ])(
    '$name: a complete checkpoint is restored',
    async ({ there, saving, allowed }) => {
      const origin = await temporary();
      await savedBy(origin, there);
      const rehearsal = await temporary();
      await cp(origin, rehearsal, { recursive: true });
      const { operations } = await savedBy(rehearsal, [saving]);
      expect(operations).toBeGreaterThan(70);
      const seen = new Set<string>();
      await forEach(operations, async (at) => {
        const directory = await temporary();
        await cp(origin, directory, { recursive: true });
        const { signal } = await savedBy(directory, [saving], at);
        expect(signal, `operation ${at} of ${operations}`).toBe('SIGKILL');
        kills++;
        const manager = new CheckpointManager({ directory, maxToKeep: 2 });
        await manager.open();
        const state = await found(manager);
        expect(allowed, `operation ${at} of ${operations}`).toContain(state);
        seen.add(state);
        // The lock of the killed process is stale, and the next save deletes its orphans.
        await assertGoesOn(manager, directory);
        await rm(directory, { recursive: true });
      });
      expect(seen.size).toBeGreaterThan(1);
    },
    TIMEOUT,
  );

  it('was killed at 200 or more points', () => {
    expect(kills).toBeGreaterThanOrEqual(200);
  });
});
