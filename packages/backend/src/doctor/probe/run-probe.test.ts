import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { runProbe } from './run-probe';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'probe-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
});

const run = (source: string, timeLimitMs = 60_000) => {
  const program = join(directory, 'program.mjs');
  writeFileSync(program, source);
  const env = { ...process.env, SUBJECT: 'env' };
  return runProbe(['backend', 'wasm'], { cwd: directory, env, timeLimitMs, program });
};

it('passes the task and returns the messages', async () => {
  const result = await run(`
    process.send({ kind: 'refused', reason: process.argv.slice(2).join(' ') });
    process.send({ kind: 'refused', reason: process.env.SUBJECT });
    process.disconnect();`);
  expect(result).toEqual({
    messages: [
      { kind: 'refused', reason: 'backend wasm' },
      { kind: 'refused', reason: 'env' },
    ],
  });
});

it.each([
  ['is killed', `process.kill(process.pid, 'SIGSEGV');`, 'its process was killed by SIGSEGV'],
  [
    'exits',
    `console.error('one'); console.error('two'); process.exitCode = 3; process.disconnect();`,
    'its process exited with code 3: two',
  ],
  ['throws', `throw new Error('a bad library');`, /^its process exited with code 1/],
])('keeps the messages before the process %s', async (_, end, problem) => {
  const { messages, problem: actual } = await run(
    `process.send({ kind: 'started', gpu: false }, () => { ${end} });`,
  );
  expect(messages).toEqual([{ kind: 'started', gpu: false }]);
  expect(actual).toMatch(problem);
});

it('kills a process that hangs', async () => {
  expect(await run('setInterval(() => {}, 1000);', 1000)).toEqual({
    messages: [],
    problem: 'it did not finish within 1 s',
  });
});
