// Checkpoints against raw files with the same bytes and checksums, interleaved in one process.
//
//   pnpm bench:checkpoint [MEGABYTES] [ROUNDS] [DIRECTORY]     default: 1024, 7, the temporary directory
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
import { interleave, median } from './interleave';

const [megabytes = 1024, rounds = 7] = process.argv.slice(2, 4).map(Number);
const root = mkdtempSync(join(process.argv[4] ?? tmpdir(), 'bench-checkpoint-'));

const CHUNK = 8 * 2 ** 20;

const bytesOf = ({ data }: ReturnType<typeof tensorsOf>[number]): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory);
  await handle.sync();
  await handle.close();
};

/** Writes tensors as a careful program does without a format: checksum, write, sync, rename, sync the directory. */
const writeRaw = async (path: string, parts: readonly Uint8Array[]): Promise<number[]> => {
  const checksums: number[] = [];
  const file = await open(`${path}.new`, 'wx');
  for (const bytes of parts) {
    let checksum = 0;
    for (let start = 0; start < bytes.length; start += CHUNK) {
      const chunk = bytes.subarray(start, start + CHUNK);
      checksum = crc32c(chunk, checksum);
      for (let done = 0; done < chunk.length; )
        done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
    }
    checksums.push(checksum);
  }
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  await syncDirectory(dirname(path));
  return checksums;
};

const readRaw = async (path: string, sizes: readonly number[], checksums: readonly number[]) => {
  const file = await open(path);
  const all: Uint8Array[] = [];
  for (const [index, size] of sizes.entries()) {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let done = 0; done < size; ) done += (await file.read(bytes, done, size - done)).bytesRead;
    if (crc32c(bytes) !== checksums[index]) throw new Error(`${path}: wrong checksum`);
    all.push(bytes);
  }
  await file.close();
  return all;
};

const report = (
  action: string,
  rawAction: string,
  { first, second, ratio }: Awaited<ReturnType<typeof interleave>>,
) =>
  console.log(
    `  ${action} ${first.toFixed(0)} MB/s, ${rawAction} ${second.toFixed(0)} MB/s: ${ratio.toFixed(2)} of raw`,
  );

const measureSpeed = async (): Promise<void> => {
  const tensors = tensorsOf(megabytes);
  const parts = tensors.map(bytesOf);
  let count = 0;
  const prefix = () => join(root, `saved-${count}`);
  const raw = () => join(root, `raw-${count}`);
  const saving = await interleave(
    rounds,
    {
      run: async () => {
        await writeCheckpoint(prefix(), tensors);
        return megabytes;
      },
      cleanUp: async () => {
        await rm(`${prefix()}.index`);
        await rm(`${prefix()}.data-00000-of-00001`);
        count++;
      },
    },
    {
      run: async () => {
        await writeRaw(raw(), parts);
        return megabytes;
      },
      cleanUp: async () => {
        await rm(raw());
        count++;
      },
    },
  );
  report('save', 'write and fsync', saving);
  await writeCheckpoint(prefix(), tensors);
  const checksums = await writeRaw(raw(), parts);
  const sizes = parts.map(({ length }) => length);
  tensors.length = 0;
  parts.length = 0;
  const restoring = await interleave(
    rounds,
    {
      run: async () => {
        await (await openCheckpoint(prefix())).readAll();
        return megabytes;
      },
    },
    {
      run: async () => {
        await readRaw(raw(), sizes, checksums);
        return megabytes;
      },
    },
  );
  report('restore', 'read', restoring);
  await rm(raw());
  await rm(`${prefix()}.index`);
  await rm(`${prefix()}.data-00000-of-00001`);
};

/** Measures each action in its own process, since a peak never falls. */
const measureMemory = (): void => {
  const prefix = join(root, 'memory');
  const script = fileURLToPath(new URL('./checkpoint-memory.ts', import.meta.url));
  for (const action of ['save', 'restore']) {
    const args = [...process.execArgv, script, action, prefix, `${megabytes}`];
    const bytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    console.log(`  ${action}: ${(bytes / 2 ** 20).toFixed(0)} MB more than the tensors`);
  }
  rmSync(`${prefix}.index`);
  rmSync(`${prefix}.data-00000-of-00001`);
};

/** Stands in for a training step: 20 ms of work, and then an await. */
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
  const idleStep = median(idle);
  const copying: number[] = [];
  const during: number[] = [];
  const delay: number[] = [];
  for (let globalStep = 1; globalStep <= rounds; globalStep++) {
    let saved = false;
    const start = performance.now();
    const copies = tensors.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
    const saving = manager.save({ globalStep, tensors: copies }).then(() => {
      saved = true;
    });
    copying.push(performance.now() - start);
    const steps: number[] = [];
    while (!saved) steps.push(await step());
    await saving;
    during.push(...steps);
    delay.push(steps.reduce((sum, duration) => sum + duration - idleStep, 0));
  }
  await manager.close();
  console.log(
    `  asynchronous save of ${Math.ceil(megabytes / 4)} MB: ${median(copying).toFixed(0)} ms to copy and hand over; ` +
      `steps of ${idleStep.toFixed(1)} ms meanwhile take ${median(during).toFixed(1)} ms, ` +
      `the longest ${Math.max(...during).toFixed(1)} ms, ${median(delay).toFixed(0)} ms more in all`,
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
  console.log(`Checkpoints: ${megabytes} MB, ${rounds} interleaved pairs`);
  await measureSpeed();
  measureMemory();
  await measureStall();
  await measureOpening();
} finally {
  rmSync(root, { recursive: true, force: true });
}
