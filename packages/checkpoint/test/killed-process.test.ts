import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { beforeAll, describe, expect, it } from 'vitest';
import { CheckpointManager, type WritableTensor } from '../src/index';
import { checkpointOf } from './killed-process-snapshots';

const TIMEOUT = 1_200_000;

/** All of some 270 kill points take minutes; `ELISTIMATOR_EXHAUSTIVE=1` goes through them. */
const STRIDE = process.env.ELISTIMATOR_EXHAUSTIVE ? 1 : 17;

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

const program = { path: '' };

beforeAll(async () => {
  const outDir = temporary();
  await build({
    entry: { child: fileURLToPath(new URL('./killed-process.ts', import.meta.url)) },
    outDir,
    format: 'esm',
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/.*/],
    config: false,
    silent: true,
    dts: false,
  });
  program.path = join(outDir, 'child.mjs');
});

const args = (directory: string, at: number, steps: readonly number[]) => [
  program.path,
  directory,
  String(at),
  ...steps.map(String),
];

/** Saves the steps in a process of their own; gives how many operations that took. */
const savedBy = (directory: string, steps: readonly number[]): number =>
  Number(
    execFileSync(process.execPath, args(directory, Number.MAX_SAFE_INTEGER, steps), {
      encoding: 'utf8',
    }),
  );

const bytesOf = (data: WritableTensor['data']): Buffer =>
  'buffer' in data ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);

const assertWhole = async (manager: CheckpointManager, step: number) => {
  const file = manager.checkpoints.get(step)?.file ?? '';
  const expected = new Map(
    checkpointOf(step).tensors.map(({ name, data }) => [name, bytesOf(data)]),
  );
  for (const { name, data } of await manager.read(file)) {
    expect(bytesOf(data).equals(expected.get(name) ?? Buffer.alloc(0)), name).toBe(true);
    expected.delete(name);
  }
  expect([...expected.keys()]).toEqual([]);
  expect(Buffer.from((await manager.readAttachment(file, '.meta')) ?? []).toString()).toBe(
    `graph ${step}`,
  );
};

describe('a process killed while it saves', () => {
  it.each([
    { name: 'beside an older checkpoint', there: [1], saving: 2, before: [1], after: [1, 2] },
    {
      name: 'so that an older one has to go',
      there: [1, 2],
      saving: 3,
      before: [1, 2],
      after: [2, 3],
    },
    {
      name: 'over the checkpoint of the same step',
      there: [1, 2],
      saving: 2,
      before: [1, 2],
      after: [1, 2],
    },
  ])(
    '$name: the directory restores to a whole checkpoint',
    async ({ there, saving, before, after }) => {
      const origin = temporary();
      savedBy(origin, there);
      const rehearsal = temporary();
      cpSync(origin, rehearsal, { recursive: true });
      const total = savedBy(rehearsal, [saving]);
      expect(total).toBeGreaterThan(50);
      for (let at = 0; at < total; at += STRIDE) {
        const directory = temporary();
        cpSync(origin, directory, { recursive: true });
        const { signal } = spawnSync(process.execPath, args(directory, at, [saving]));
        expect(signal, `operation ${at} of ${total}`).toBe('SIGKILL');
        const manager = new CheckpointManager({ directory, maxToKeep: 2 });
        await manager.open();
        const steps = [...manager.checkpoints.keys()];
        for (const step of steps) await assertWhole(manager, step);
        const union = [...new Set([...before, ...after])];
        expect([before, after, union].map(String), `operation ${at}`).toContain(String(steps));
        // The lock of the killed process counts as none, and what it left is gone after the next save.
        await manager.save(checkpointOf(9));
        await manager.close();
        await assertWhole(manager, 9);
        const kept = [...manager.checkpoints.keys()].map((step) => `model_iter-${step}.`);
        const strangers = readdirSync(directory).filter(
          (name) =>
            !['checkpoint', 'elistimator_meta'].includes(name) &&
            !kept.some((prefix) => name.startsWith(prefix)),
        );
        expect(strangers, `operation ${at}`).toEqual([]);
      }
    },
    TIMEOUT,
  );
});
