// A new process continues where another one stopped.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { Elistimator } from '../src';
import { stripesModelFn, testStripes, trainInputFn, validationInputFn } from './digits';

const root = mkdtempSync(join(tmpdir(), 'recovery-'));
afterAll(() => rmSync(root, { recursive: true }));

it('predicts, evaluates and continues training as if it had never stopped, in a moved directory too', async () => {
  const estimator = new Elistimator({
    modelFn: stripesModelFn,
    modelDir: join(root, 'here'),
    params: { units: 16 },
    sessionArgs: { backend: 'wasm', seed: 3 },
    progress: false,
  });
  await estimator.setup({ trainInputFn, validationInputFn });
  await estimator.train();
  const evaluation = await estimator.train().validate();
  await estimator.saveCkpt();
  const image = { data: testStripes.images.data.subarray(0, 16), shape: [1, 16] };
  const prediction = await estimator.predict({ images: image });
  const next = await estimator.train().validate();
  await estimator.close();

  renameSync(join(root, 'here'), join(root, 'there'));
  const script = fileURLToPath(new URL('recovery-run.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--import', 'tsx', script, join(root, 'there')], {
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual({ prediction, evaluation, next, globalStep: 30 });
});
