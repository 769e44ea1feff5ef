// Two processes with the same directory: the second fails before it trains.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { DirectoryLockedError, Elistimator } from '../src';
import { stripesModelFn, trainInputFn } from './digits';

const modelDir = mkdtempSync(join(tmpdir(), 'second-'));
afterAll(() => rmSync(modelDir, { recursive: true }));

it('rejects train() while another process trains there, and trains once that process has ended', async () => {
  const script = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
  const holder = spawn(process.execPath, ['--import', 'tsx', script, modelDir]);
  const estimator = new Elistimator({
    modelFn: stripesModelFn,
    modelDir,
    params: { units: 4 },
    sessionArgs: { backend: 'cpu' },
    progress: false,
  });
  try {
    await once(holder.stdout, 'data');
    await estimator.setup({ trainInputFn });
    const training = Promise.resolve(estimator.train({ maxSteps: 1 }));
    await expect(training).rejects.toThrow(DirectoryLockedError);
    await expect(training).rejects.toMatchObject({ pid: holder.pid });
    expect(estimator.globalStep).toBe(0);
  } finally {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  }
  await estimator.train({ maxSteps: 1 });
  expect(estimator.globalStep).toBe(1);
  await estimator.close();
});
