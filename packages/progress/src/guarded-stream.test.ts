import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GuardedStream } from './guarded-stream';

const failing = () =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      setImmediate(() => done(new Error('disk full')));
    },
  });

// A stream's error that nobody listens to fails the whole test run, so surviving is the assertion.
describe('GuardedStream', () => {
  it('falls silent when a write fails later', async () => {
    const output = new GuardedStream(failing());
    output.write('a');
    output.write('b');
    await sleep(20);
    expect(output.isBroken).toBe(true);
    output.write('c');
  });

  it('falls silent when a write throws', () => {
    let writes = 0;
    const output = new GuardedStream({
      write: () => {
        writes += 1;
        throw new Error('closed');
      },
    });
    output.write('a');
    output.write('b');
    expect(output.isBroken).toBe(true);
    expect(writes).toBe(1);
  });

  it.each([
    ['destroyed', (stream: Writable) => stream.destroy()],
    ['ended', (stream: Writable) => stream.end()],
  ])('survives a stream that was %s', async (_how, close) => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
    close(stream);
    const output = new GuardedStream(stream);
    output.write('a');
    await sleep(20);
    expect(output.isBroken).toBe(true);
  });

  it('survives a pipe whose reader has gone (EPIPE)', async () => {
    const reader = spawn(process.execPath, ['--eval', ''], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(reader, 'exit');
    const output = new GuardedStream(reader.stdin);
    for (let i = 0; i < 20 && !output.isBroken; i++) {
      output.write('progress\n');
      await sleep(10);
    }
    expect(output.isBroken).toBe(true);
  });
});
