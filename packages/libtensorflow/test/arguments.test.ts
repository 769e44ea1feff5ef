import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  ConfigError,
  findLibtensorflow,
  installCommand,
  type Libtensorflow,
  loadLibtensorflow,
  registerTfjsBackend,
} from '../src';
import { oracle } from './library';

const { path = '', reason } = await oracle();

/** Calls a function with arguments that its type doesn't allow. */
const call = (fn: unknown, ...args: unknown[]): unknown => {
  if (typeof fn !== 'function') throw new TypeError('expected a function');
  return Reflect.apply(fn, undefined, args);
};

describe('functions refuse what they would ignore', () => {
  test.each([
    // Each searched the whole machine, as if nothing had been passed.
    ['findLibtensorflow', ['/opt/tf'], 'an object with "path"'],
    ['findLibtensorflow', [{ paht: '/opt/tf' }], 'Did you mean "path"?'],
    ['findLibtensorflow', [{ all: 'no' }], 'option "all" of findLibtensorflow(): expected true or'],
    ['loadLibtensorflow', ['/opt/tf'], 'Name the option, as in { path: "/opt/tf" }'],
    ['loadLibtensorflow', [{}, { path: '/opt/tf' }], 'expected at most 1 argument'],
  ] as const)('%s(...%j)', async (name, args, message) => {
    const fn = { findLibtensorflow, loadLibtensorflow }[name];
    await expect(call(fn, ...args)).rejects.toThrow(ArgumentError);
    await expect(call(fn, ...args)).rejects.toThrow(message);
  });

  test('installCommand() and registerTfjsBackend()', () => {
    expect(() => call(installCommand, 'linux')).toThrow(
      'Name the option, as in { platform: "linux" }',
    );
    expect(() => call(installCommand, { gpu: true })).toThrow('got "gpu"');
    expect(() => call(registerTfjsBackend)).toThrow('"options" of registerTfjsBackend()');
    expect(() => call(registerTfjsBackend, { tf: {}, require: () => undefined })).toThrow(
      'option "binding" of registerTfjsBackend(): expected an object, got nothing',
    );
  });
});

describe.skipIf(reason !== undefined)('methods refuse what they would ignore', () => {
  let tensorflow: Libtensorflow;
  beforeAll(async () => {
    tensorflow = await loadLibtensorflow({ path: pathToFileURL(path) });
  });

  test('of the library', () => {
    const { prototype } = Object.getPrototypeOf(tensorflow).constructor;
    const method =
      (name: string, ...args: unknown[]) =>
      () =>
        Reflect.apply(prototype[name], tensorflow, args);
    expect(method('tensor', 'float32', [2], [1, 2], [3])).toThrow('expected at most 3 arguments');
    expect(method('tensor')).toThrow('"dtype" of libtensorflow.tensor()');
    expect(method('graph', 'graph.pb')).toThrow('expected a Uint8Array, got "graph.pb"');
    expect(method('graph', new Uint8Array(0), 'prefix')).toThrow('Name the option');
    expect(method('tfjsBinding', { intraOpThread: 1 })).toThrow('got "intraOpThread"');
    expect(method('tfjsBinding', { gpu: { memory: 0.5 } })).toThrow(ConfigError);
    expect(method('loadSavedModel', '/x', 'serve')).toThrow('an object with');
    expect(method('loadSavedModel', '/x', { tags: 'serve' })).toThrow('expected a list of strings');
    expect(method('operationNames', 'Mat')).toThrow('expected no arguments');
  });

  test('of graphs, sessions and tensors', async () => {
    using graph = tensorflow.graph();
    using session = tensorflow.session(graph);
    using tensor = tensorflow.tensor('int32', [1], [7]);
    const on =
      (target: object, name: string, ...args: unknown[]) =>
      () =>
        Reflect.apply(Reflect.get(target, name), target, args);
    expect(on(session, 'run')).toThrow('"request" of session.run(): expected an object');
    expect(on(session, 'run', { fetch: ['x'] })).toThrow('Did you mean "fetches"?');
    expect(on(session, 'run', { fetches: 'x' })).toThrow('expected a list of strings, got "x"');
    expect(on(session, 'makeCallable', ['x'])).toThrow('got an array');
    await expect(on(session, 'runAsync', { target: [] })()).rejects.toThrow('"targets"');
    expect(on(graph, 'importGraphDef', 'graph.pb')).toThrow('expected a Uint8Array');
    expect(on(graph, 'operation', 3)).toThrow('expected a string, got 3');
    expect(on(tensor, 'data', 'float32')).toThrow('tensor.data(): expected no arguments, got 1');
    expect(tensor.data()).toEqual(Int32Array.of(7));
  });
});
