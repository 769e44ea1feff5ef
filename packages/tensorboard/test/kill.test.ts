import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { readScalars } from '../src/reader/read-scalars';
import { temporaryDirectory } from './temporary-directory';

const source = new URL('../src/index.ts', import.meta.url).href;
const FLUSHED = 5000;

it('keeps all flushed events intact if the process is killed during a write', async () => {
  const logDir = temporaryDirectory();
  const script = `
    import { setImmediate as tick } from 'node:timers/promises';
    import { SummaryWriter } from ${JSON.stringify(source)};
    const writer = new SummaryWriter(${JSON.stringify(logDir)}, { maxFileBytes: 100_000 });
    let step = 0;
    for (; step < ${FLUSHED}; step++) writer.scalar('loss', step, step);
    await writer.flush();
    process.stdout.write('flushed');
    for (;;) {
      for (let i = 0; i < 5000; i++, step++) writer.scalar('loss', step, step);
      await tick();
    }`;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { cwd: new URL('..', import.meta.url) });
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
  const values = (await readScalars(logDir)).get('loss')?.map(({ value }) => value) ?? [];
  expect(values.length).toBeGreaterThanOrEqual(FLUSHED);
  expect(values).toEqual(values.map((_, step) => step));
});
