import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Elistimator, SilentReporter } from '../src';
import { stripesModelFn, trainInputFn } from './digits';

const root = mkdtempSync(join(tmpdir(), 'backend-line-'));
afterAll(() => rmSync(root, { recursive: true }));

it('the backend is announced once per process, not once per estimator', async () => {
  const messages: string[] = [];
  class Recorder extends SilentReporter {
    override message(text: string): void {
      messages.push(text);
    }
  }
  for (const name of ['first', 'second']) {
    const estimator = new Elistimator({
      modelFn: stripesModelFn,
      modelDir: join(root, name),
      params: { units: 4 },
      sessionArgs: { backend: 'cpu', seed: 1 },
      progress: new Recorder(),
    });
    await estimator.setup({ trainInputFn });
    await estimator.train({ maxSteps: 1 });
    await estimator.close();
  }
  expect(messages.filter((text) => text.startsWith('backend:'))).toHaveLength(1);
});
