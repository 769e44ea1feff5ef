// Checkpoints against raw files of the same bytes with the same checksums, in turns in one run.
// `pnpm bench:checkpoint [megabytes] [rounds] [directory]`; 1024 megabytes, 7 rounds, the temporary directory.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as yielded } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CheckpointManager, openCheckpoint, writeCheckpoint } from '@elistimator/checkpoint';
import { crc32c } from '@elistimator/protos';
import { tensorsOf } from './checkpoint-tensors';
import { median } from './median';
import { turns } from './turns';

const [megabytes = 1024, rounds = 7] = process.argv.slice(2, 4).map(Number);
const root = mkdtempSync(join(process.argv[4] ?? tmpdir(), 'bench-checkpoint-'));

const PIECE = 8 * 2 ** 20;

const megabytesPerSecond = (seconds: number): string => `${(megabytes / seconds).toFixed(0)} MB/s`;

const bytesOf = ({ data }: ReturnType<typeof tensorsOf>[number]): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory);
  await handle.sync();
  await handle.close();
};

/** What a careful program does without a format: sum, write, sync, rename, sync the directory. */
const writeRaw = async (path: string, parts: readonly Uint8Array[]): Promise<number[]> => {
  const sums: number[] = [];
  const file = await open(`${path}.new`, 'wx');
  for (const bytes of parts) {
    let sum = 0;
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      sum = crc32c(piece, sum);
      for (let done = 0; done < piece.length; )
        done += (await file.write(piece, done, piece.length - done)).bytesWritten;
    }
    sums.push(sum);
  }
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  await syncDirectory(dirname(path));
  return sums;
};

const readRaw = async (path: string, sizes: readonly number[], sums: readonly number[]) => {
  const file = await open(path);
  const all: Uint8Array[] = [];
  for (const [index, size] of sizes.entries()) {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let done = 0; done < size; ) done += (await file.read(bytes, done, size - done)).bytesRead;
    if (crc32c(bytes) !== sums[index]) throw new Error(`${path}: a wrong checksum`);
    all.push(bytes);
  }
  await file.close();
  return all;
};

const report = (
  what: string,
  raw: string,
  { first, second, ratio }: Awaited<ReturnType<typeof turns>>,
) =>
  console.log(
    `  ${what} ${megabytesPerSecond(first)}, ${raw} ${megabytesPerSecond(second)}: ${ratio.toFixed(2)} of raw`,
  );

const measureSpeed = async (): Promise<void> => {
  const tensors = tensorsOf(megabytes);
  const parts = tensors.map(bytesOf);
  let turn = 0;
  const prefix = () => join(root, `saved-${turn}`);
  const raw = () => join(root, `raw-${turn}`);
  const saving = await turns(
    rounds,
    {
      run: async () => {
        await writeCheckpoint(prefix(), tensors);
      },
      cleanUp: async () => {
        await rm(`${prefix()}.index`);
        await rm(`${prefix()}.data-00000-of-00001`);
        turn++;
      },
    },
    {
      run: async () => {
        await writeRaw(raw(), parts);
      },
      cleanUp: async () => {
        await rm(raw());
        turn++;
      },
    },
  );
  report('save', 'write and fsync', saving);
  await writeCheckpoint(prefix(), tensors);
  const sums = await writeRaw(raw(), parts);
  const sizes = parts.map(({ length }) => length);
  tensors.length = 0;
  parts.length = 0;
  const restoring = await turns(
    rounds,
    {
      run: async () => {
        await (await openCheckpoint(prefix())).readAll();
      },
    },
    {
      run: async () => {
        await readRaw(raw(), sizes, sums);
      },
    },
  );
  report('restore', 'read', restoring);
  await rm(raw());
  await rm(`${prefix()}.index`);
  await rm(`${prefix()}.data-00000-of-00001`);
};

/** In processes of their own, since a peak stays. */
const measureMemory = (): void => {
  const prefix = join(root, 'memory');
  const script = fileURLToPath(new URL('./checkpoint-memory.ts', import.meta.url));
  for (const action of ['save', 'restore']) {
    const args = [...process.execArgv, script, action, prefix, `${megabytes}`];
    const bytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    console.log(`  ${action}: ${(bytes / 2 ** 20).toFixed(0)} MB over the tensors' own`);
  }
  rmSync(`${prefix}.index`);
  rmSync(`${prefix}.data-00000-of-00001`);
};

/** A training step of some 20 ms that, like any, awaits now and then. */
const step = async (): Promise<number> => {
  const start = performance.now();
  while (performance.now() - start < 20);
  await yielded();
  return performance.now() - start;
};

const measureStall = async (): Promise<void> => {
  const tensors = tensorsOf(Math.ceil(megabytes / 4));
  const manager = new CheckpointManager({ directory: join(root, 'stall'), maxToKeep: 1 });
  await manager.open();
  const idle: number[] = [];
  for (let index = 0; index < 100; index++) idle.push(await step());
  const usual = median(idle);
  const handing: number[] = [];
  const during: number[] = [];
  const extra: number[] = [];
  for (let globalStep = 1; globalStep <= rounds; globalStep++) {
    let saved = false;
    const start = performance.now();
    const copies = tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
    const saving = manager.save({ globalStep, tensors: copies }).then(() => {
      saved = true;
    });
    handing.push(performance.now() - start);
    const steps: number[] = [];
    while (!saved) steps.push(await step());
    await saving;
    during.push(...steps);
    extra.push(steps.reduce((sum, each) => sum + each - usual, 0));
  }
  await manager.close();
  console.log(
    `  asynchronous save of ${Math.ceil(megabytes / 4)} MB: ${median(handing).toFixed(0)} ms to copy and hand over; ` +
      `steps of ${usual.toFixed(1)} ms meanwhile take ${median(during).toFixed(1)} ms, ` +
      `the longest ${Math.max(...during).toFixed(1)} ms, ${median(extra).toFixed(0)} ms more in all`,
  );
};

const measureOpening = async (): Promise<void> => {
  const directory = join(root, 'many');
  mkdirSync(directory);
  const tensors = tensorsOf(1).slice(-1);
  const prefix = await writeCheckpoint(join(directory, 'model_iter-0'), tensors);
  for (let index = 1; index < 5000; index++) {
    for (const suffix of ['.index', '.data-00000-of-00001'])
      copyFileSync(`${prefix}${suffix}`, join(directory, `model_iter-${index}${suffix}`));
  }
  const opening = async (): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < 9; round++) {
      const start = performance.now();
      const manager = new CheckpointManager({ directory, maxToKeep: null });
      await manager.open();
      if (manager.latest() === undefined) throw new Error(`${directory}: no checkpoint`);
      times.push(performance.now() - start);
    }
    return median(times);
  };
  const unrecorded = await opening();
  const manager = new CheckpointManager({ directory, maxToKeep: null });
  await manager.open();
  const start = performance.now();
  await manager.save({ globalStep: 5000, tensors });
  const saving = performance.now() - start;
  await manager.close();
  console.log(
    `  open() and latest() among 10,000 files: ${(await opening()).toFixed(0)} ms; ` +
      `as another program left them ${unrecorded.toFixed(0)} ms; the first save there ${saving.toFixed(0)} ms`,
  );
};

try {
  console.log(`Checkpoints: ${megabytes} MB, ${rounds} rounds in turns`);
  await measureSpeed();
  measureMemory();
  await measureStall();
  await measureOpening();
} finally {
  rmSync(root, { recursive: true, force: true });
}
