// Several estimators and processes with one directory.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Elistimator, ModelDirChangedError } from '../src';
import { lineInputFn, lineOptions } from './shared-line';

const root = mkdtempSync(join(tmpdir(), 'shared-'));
afterAll(() => rmSync(root, { recursive: true }));

const trainer = fileURLToPath(new URL('shared-trainer.ts', import.meta.url));
const trainerArgs = (modelDir: string, ...args: readonly number[]) => [
  '--import',
  'tsx',
  trainer,
  modelDir,
  ...args.map(String),
];

let directories = 0;
/** A directory with a checkpoint of step 10. */
const trainedDirectory = async () => {
  directories += 1;
  const modelDir = join(root, `${directories}`);
  const estimator = new Elistimator(lineOptions(modelDir));
  await estimator.setup({ trainInputFn: lineInputFn });
  await estimator.train().saveCkpt();
  await estimator.close();
  return modelDir;
};

/** An estimator at step 10, and a directory in which another process has gone on to step 30 since. */
const leftBehind = async () => {
  const modelDir = await trainedDirectory();
  const estimator = await Elistimator.fromDisk(lineOptions(modelDir));
  await estimator.setup({ trainInputFn: lineInputFn });
  execFileSync(process.execPath, trainerArgs(modelDir, 2));
  expect(estimator.globalStep).toBe(10);
  return { modelDir, estimator };
};

describe('an estimator that reads', () => {
  it('restores what another process has saved since', async () => {
    const { modelDir, estimator } = await leftBehind();
    expect([...estimator.checkpoints.keys()]).toEqual([10]);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(30);
    expect([...estimator.checkpoints.keys()]).toEqual([10, 20, 30]);
    execFileSync(process.execPath, trainerArgs(modelDir, 1));
    await estimator.restoreLatestCkpt({ fallback: true });
    expect(estimator.globalStep).toBe(40);
    await estimator.close();
  });

  it('restores the best, and one by its name, which another process has saved since', async () => {
    const { estimator } = await leftBehind();
    await estimator.restoreBestCkpt();
    expect(estimator.globalStep).toBe(30);
    await estimator.restoreCkpt('model_iter-20');
    expect(estimator.globalStep).toBe(20);
    await estimator.close();
  });

  it('never fails because a trainer deletes old checkpoints', async () => {
    const modelDir = await trainedDirectory();
    const reader = await Elistimator.fromDisk(lineOptions(modelDir));
    const process_ = spawn(process.execPath, trainerArgs(modelDir, 60, 1));
    const exited = once(process_, 'exit');
    let restores = 0;
    while (process_.exitCode === null) {
      await reader.restoreLatestCkpt();
      restores += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await exited;
    await reader.restoreLatestCkpt();
    expect(process_.exitCode).toBe(0);
    expect(restores).toBeGreaterThan(10);
    expect(reader.globalStep).toBe(610);
    await reader.close();
  });
});

describe('an estimator that trains', () => {
  it('refuses to go on from an older state than another process has saved', async () => {
    const { modelDir, estimator } = await leftBehind();
    for (const call of [() => estimator.train(), () => estimator.saveCkpt()]) {
      await expect(Promise.resolve(call())).rejects.toThrow(ModelDirChangedError);
      await expect(Promise.resolve(call())).rejects.toMatchObject({
        savedStep: 30,
        globalStep: 10,
      });
    }
    await expect(estimator.saveCkpt()).rejects.toThrow(/step 10.*step 30.*restoreLatestCkpt\(\)/);
    // The refusal has not locked the directory.
    execFileSync(process.execPath, trainerArgs(modelDir, 1));
    await estimator.restoreLatestCkpt();
    await estimator.train().saveCkpt();
    expect([...estimator.checkpoints.keys()]).toEqual([10, 20, 30, 40, 50]);
    await estimator.close();
  });

  it('abandons what another process has saved if it is told to', async () => {
    const { modelDir, estimator } = await leftBehind();
    const { file = '' } = estimator.checkpoints.get(10) ?? {};
    await estimator.restoreCkpt(file);
    await estimator.train({ maxSteps: 5 });
    await estimator.saveCkpt();
    await estimator.close();
    const next = await Elistimator.fromDisk(lineOptions(modelDir));
    expect(next.globalStep).toBe(15);
    const marked = [...next.checkpoints].filter(([, { isAbandoned }]) => isAbandoned);
    expect(marked.map(([step]) => step)).toEqual([20, 30]);
    await next.close();
  });

  it('notices another estimator of its own process', async () => {
    const modelDir = await trainedDirectory();
    const first = await Elistimator.fromDisk(lineOptions(modelDir));
    await first.setup({ trainInputFn: lineInputFn });
    await first.train().saveCkpt();
    const second = await Elistimator.fromDisk(lineOptions(modelDir));
    await second.setup({ trainInputFn: lineInputFn });
    await second.train().saveCkpt();
    await expect(first.saveCkpt()).rejects.toThrow(ModelDirChangedError);
    await first.restoreLatestCkpt();
    expect(first.globalStep).toBe(30);
    await first.close();
    await second.close();
  });
});
