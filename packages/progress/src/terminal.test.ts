import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { displayWidth, GuardedStream, trimToWidth } from './terminal';

const failing = () =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      setImmediate(() => done(new Error('disk full')));
    },
  });

// A stream error without a listener fails the test run, so reaching the end is the assertion.
describe('GuardedStream', () => {
  it('stops writing after an asynchronous failure', async () => {
    const output = new GuardedStream(failing());
    output.write('a');
    output.write('b');
    await sleep(20);
    expect(output.isBroken).toBe(true);
    output.write('c');
  });

  it('stops writing after a write that throws', () => {
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

  it('survives a pipe whose reader has exited (EPIPE)', async () => {
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

const red = (text: string) => `\u001b[31m${text}\u001b[0m`;

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['訓練', 4],
    ['ｱｲｳ', 3],
    ['ＡＢ', 4],
    ['🚀', 2],
    ['e\u0301', 2],
    [red('abc'), 3],
  ])('counts %j as %d columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('trimToWidth', () => {
  it('never splits a wide character', () => {
    expect(trimToWidth('訓練中', 5)).toBe('訓練');
  });

  it('resets a colour that is still active at the cut', () => {
    expect(trimToWidth(red('abcdef'), 3)).toBe(red('abc'));
  });
});
