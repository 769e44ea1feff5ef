import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readScalars } from '../src/reader/read-scalars';
import { temporaryDirectory } from './temporary-directory';

const source = new URL('../src/index.ts', import.meta.url).href;

/** Runs a script with a `writer` in another process. */
const run = (logDir: string, script: string) =>
  spawnSync(
    process.execPath,
    [
      ...['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval'],
      `import { SummaryWriter } from ${JSON.stringify(source)};
       const writer = new SummaryWriter(${JSON.stringify(logDir)}, { flushSecs: 1000 });
       ${script}`,
    ],
    { encoding: 'utf8', cwd: new URL('..', import.meta.url) },
  );

const countScalars = async (logDir: string) => (await readScalars(logDir)).get('loss')?.length;

describe('a process that never closes its writer', () => {
  it.each([
    ['ends', ''],
    ['exits', 'process.exit(0);'],
    ['exits during a write', 'setImmediate(() => process.exit(0));'],
  ])('loses no data when it %s', async (_how, end) => {
    const logDir = temporaryDirectory();
    const script = `for (let i = 0; i < 10_000; i++) writer.scalar('loss', i, i);\n${end}`;
    expect(run(logDir, script)).toMatchObject({ status: 0, stderr: '' });
    expect(await countScalars(logDir)).toBe(10_000);
  });

  it('is not kept alive, and loses no data when it throws', async () => {
    const logDir = temporaryDirectory();
    const { status, stderr } = run(logDir, "writer.scalar('loss', 1, 1); throw new Error('boom');");
    expect(status).toBe(1);
    expect(stderr).toContain('boom');
    expect(await countScalars(logDir)).toBe(1);
  });
});
