import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory';
import {
  CsvWriter,
  MultiWriter,
  readEvents,
  readScalars,
  SummaryValueError,
  SummaryWriter,
} from '.';

/** Calls a method as untyped JavaScript does. */
const call = (target: object, method: string, ...args: readonly unknown[]): unknown => {
  const fn: unknown = Reflect.get(target, method);
  if (typeof fn !== 'function') throw new TypeError(`${method} is not a function`);
  return Reflect.apply(fn, target, args);
};

describe('values of the wrong kind', () => {
  it.each([
    [
      'scalar',
      't',
      '3',
      1,
      'Summary "t": expected a number or a tensor with one value, got "3". Use Number(value), or text() for a text.',
    ],
    ['scalar', 't', null, 1, 'got null'],
    ['scalar', 't', 3n, 1, 'got 3n'],
    [
      'scalars',
      [{ tag: 't', value: '3', step: 1 }],
      'Summary "t": expected a value that is a number, got "3".',
    ],
    [
      'scalars',
      [
        { tag: 'a', value: 1, step: 1 },
        { tag: 'b', value: null, step: 1 },
      ],
      'Summary "b"',
    ],
    [
      'histogram',
      't',
      'abc',
      1,
      'Summary "t": expected values that are an array of numbers, got "abc".',
    ],
    [
      'histogram',
      't',
      new BigInt64Array(2),
      1,
      'got an instance of BigInt64Array. Convert the values to a Float32Array',
    ],
    ['image', 't', [1, 2], 1, 'Summary "t": expected a tensor, or { data, shape }, got an array.'],
    [
      'image',
      't',
      { shape: [1, 1, 1], data: 'abc' },
      1,
      'expected values that are an array of numbers, got "abc"',
    ],
  ])('%s(%o, %o, …)', async (method, ...argsAndMessage) => {
    const message = String(argsAndMessage.at(-1));
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir);
    expect(() => call(writer, method, ...argsAndMessage.slice(0, -1))).toThrow(SummaryValueError);
    expect(() => call(writer, method, ...argsAndMessage.slice(0, -1))).toThrow(message);
    await writer.close();
    // Nothing of a rejected call is recorded.
    expect(await readScalars(logDir)).toEqual(new Map());
  });

  it('are refused by the other writers too', async () => {
    await using csv = new CsvWriter(temporaryDirectory());
    expect(() => call(csv, 'scalar', 'loss', '3', 1)).toThrow(SummaryValueError);
  });
});

describe('directories', () => {
  it.runIf(process.platform === 'linux')('that can not be made are refused, without a hang', () => {
    for (const Writer of [SummaryWriter, CsvWriter]) {
      expect(() => new Writer('/proc/elistimator')).toThrow(
        '/proc/elistimator: expected a directory that exists or can be created, got ENOENT',
      );
    }
  });

  it('may be file: URLs', async () => {
    const logDir = temporaryDirectory();
    const url = pathToFileURL(logDir);
    const writer = new SummaryWriter(url);
    writer.scalar('loss', 1, 1);
    await writer.close();
    expect(writer.logDir).toBe(logDir);
    expect([...(await readScalars(url)).keys()]).toEqual(['loss']);
    await using csv = new CsvWriter(url);
    expect(csv.logDir).toBe(logDir);
  });

  it('that are no paths are refused by name', async () => {
    const construct = (logDir: unknown) => Reflect.construct(SummaryWriter, [logDir]);
    expect(() => construct('')).toThrow('logDir: expected a path or a "file:" URL, got an empty');
    expect(() => construct(5)).toThrow('got 5');
    expect(() => construct(new URL('https://example.com'))).toThrow('https://example.com');
    await expect(readScalars('/nowhere/at-all')).rejects.toThrow(
      '/nowhere/at-all: expected an event file',
    );
  });
});

describe('arguments that would be ignored', () => {
  it('of methods', async () => {
    await using writer = new SummaryWriter(temporaryDirectory());
    expect(() => call(writer, 'scalar', 't', 1, 2, {}, 5)).toThrow(
      'SummaryWriter.scalar(): expected at most 4 arguments (tag, values, step, options?), got 5. Remove 5.',
    );
    expect(() => call(writer, 'scalar', 't', 1, 2, { walltime: 5 })).toThrow(
      'got "walltime". Did you mean "wallTime"?',
    );
    expect(() => call(writer, 'text', 't', 5, 1)).toThrow('expected a string, got 5');
    expect(() => call(writer, 'flush', 1)).toThrow('SummaryWriter.flush(): expected no arguments');
    expect(() => call(writer, 'graph', 'bytes')).toThrow('expected a Uint8Array, got "bytes"');
  });

  it('of constructors and readers', async () => {
    const logDir = temporaryDirectory();
    const construct = (Class: new (...args: never[]) => unknown, ...args: unknown[]) =>
      Reflect.construct(Class, args);
    expect(() => construct(SummaryWriter, logDir, { flushsecs: 1 })).toThrow('"flushSecs"');
    expect(() => construct(SummaryWriter, logDir, {}, 1)).toThrow('new SummaryWriter()');
    expect(() => construct(SummaryWriter)).toThrow('"logDir" of new SummaryWriter()');
    expect(() => construct(CsvWriter, logDir, { filename: 'a' })).toThrow('"fileName"');
    expect(() => construct(MultiWriter, 1)).toThrow('expected an array, got 1');
    const controller = new AbortController();
    expect(() => Reflect.apply(readEvents, undefined, [logDir, { signal: controller }])).toThrow(
      'option "signal" of readEvents(): expected an AbortSignal',
    );
    await expect(Reflect.apply(readScalars, undefined, [logDir, 'loss'])).rejects.toThrow(
      'readScalars(): expected at most 1 argument (fileOrDir), got 2. Remove "loss".',
    );
  });
});
