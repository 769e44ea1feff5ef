import assert from 'node:assert/strict';
import { checkedFunction, kinds, required, requiredOptions } from '@elistimator/internal';
import type { BlobData, CheckpointBackend } from './backends/checkpoint-backend';

/** The test runner's functions, such as those of vitest, jest or node:test, and the backend to test. */
export interface ConformanceOptions {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
  /** Creates a backend without blobs. Called once per test. */
  readonly create: () => CheckpointBackend | Promise<CheckpointBackend>;
}

const bytes = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed) & 0xff);

const rejectsWith = (name: string) => (error: unknown) =>
  error instanceof Error && error.name === name;

async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  yield bytes(100_000);
  throw error;
}

const assertBlob = async (backend: CheckpointBackend, name: string, expected: Uint8Array) =>
  assert.deepEqual(Uint8Array.from(await backend.read(name)), expected);

const forms: readonly (readonly [string, (data: Uint8Array) => BlobData])[] = [
  ['bytes', (data) => data],
  ['an iterable', (data) => [data.subarray(0, 7), new Uint8Array(), data.subarray(7)]],
  [
    'an async iterable',
    async function* (data) {
      yield data.subarray(0, 300_000);
      yield data.subarray(300_000);
    },
  ],
];

const invalidNames = [
  '',
  '.',
  '..',
  '../up',
  'down/below',
  '/absolute',
  'back\\slash',
  'nul\0',
  'x'.repeat(256),
];

const tests: Readonly<Record<string, (backend: CheckpointBackend) => Promise<void>>> = {
  'is empty at first': async (backend) => {
    assert.deepEqual(await backend.list(), []);
    assert.equal(await backend.size('a'), undefined);
    await assert.rejects(backend.read('a'), rejectsWith('BlobNotFoundError'));
  },
  'reads back what was written': async (backend) => {
    for (const length of [0, 1, 7, 1000, 700_001]) {
      for (const [form, make] of forms) {
        await backend.write(form, make(bytes(length)));
        await assertBlob(backend, form, bytes(length));
        assert.equal(await backend.size(form), length);
      }
    }
  },
  'replaces a blob, also by a shorter one': async (backend) => {
    await backend.write('a', bytes(5000));
    await backend.write('a', bytes(10, 2));
    await assertBlob(backend, 'a', bytes(10, 2));
  },
  'reads ranges up to the end of the blob': async (backend) => {
    await backend.write('a', bytes(1000));
    const read = async (offset: number, length: number) =>
      Uint8Array.from(await backend.read('a', { offset, length }));
    assert.deepEqual(await read(0, 10), bytes(1000).subarray(0, 10));
    assert.deepEqual(await read(990, 10), bytes(1000).subarray(990));
    assert.deepEqual(await read(990, 2 ** 40), bytes(1000).subarray(990));
    assert.deepEqual(await read(1000, 5), new Uint8Array());
    assert.deepEqual(await read(2 ** 40, 5), new Uint8Array());
    assert.deepEqual(await read(5, 0), new Uint8Array());
  },
  'returns arrays that can be modified safely': async (backend) => {
    await backend.write('a', bytes(1000));
    (await backend.read('a')).fill(0);
    (await backend.read('a', { offset: 3, length: 9 })).fill(0);
    await assertBlob(backend, 'a', bytes(1000));
  },
  'does not keep references to the data it is given': async (backend) => {
    const data = bytes(1000);
    await backend.write('a', data);
    data.fill(0);
    await assertBlob(backend, 'a', bytes(1000));
  },
  'keeps the old blob when a write fails, and does not list the new one': async (backend) => {
    const failure = new Error('the source failed');
    await backend.write('a', bytes(50));
    await assert.rejects(backend.write('a', failing(failure)), failure);
    await assert.rejects(backend.write('b', failing(failure)), failure);
    await assertBlob(backend, 'a', bytes(50));
    assert.deepEqual(await backend.list(), ['a']);
  },
  'shows a blob only once it is complete': async (backend) => {
    const observed: (readonly string[])[] = [];
    const parts = async function* () {
      yield bytes(400_000);
      observed.push(await backend.list(), [String(await backend.size('a'))]);
      yield bytes(400_000);
    };
    await backend.write('a', parts());
    assert.deepEqual(observed, [[], ['undefined']]);
    assert.deepEqual(await backend.list(), ['a']);
  },
  'lists names by prefix, sorted by UTF-8 bytes': async (backend) => {
    // U+FFFD sorts before U+1F600 in UTF-8 and after it in UTF-16.
    const names = ['b', 'a.index', 'a-1', 'A', '\u{1f600}', '\ufffd', 'é', 'a b%2F'];
    for (const name of names) await backend.write(name, bytes(3));
    assert.deepEqual(await backend.list(), [
      'A',
      'a b%2F',
      'a-1',
      'a.index',
      'b',
      'é',
      '\ufffd',
      '\u{1f600}',
    ]);
    assert.deepEqual(await backend.list('a'), ['a b%2F', 'a-1', 'a.index']);
    assert.deepEqual(await backend.list('none'), []);
  },
  'deletes blobs, and accepts missing ones': async (backend) => {
    await backend.write('a', bytes(3));
    await backend.write('ab', bytes(3));
    await backend.delete('a');
    await backend.delete('a');
    assert.deepEqual(await backend.list(), ['ab']);
    await assert.rejects(backend.read('a'), rejectsWith('BlobNotFoundError'));
  },
  'rejects names that are not plain file names': async (backend) => {
    const isRejection = rejectsWith('InvalidBlobNameError');
    for (const name of invalidNames) {
      await assert.rejects(async () => backend.write(name, bytes(1)), isRejection);
      await assert.rejects(async () => backend.read(name), isRejection);
      await assert.rejects(async () => backend.size(name), isRejection);
      await assert.rejects(async () => backend.delete(name), isRejection);
    }
    assert.deepEqual(await backend.list(), []);
  },
  'resolves names to different locations': async (backend) => {
    assert.notEqual(backend.resolve('a'), backend.resolve('b'));
    assert.ok(backend.resolve('a').endsWith('a'));
  },
  'supports concurrent writes': async (backend) => {
    const names = Array.from({ length: 20 }, (_, index) => `blob-${index}`);
    await Promise.all(names.map((name, index) => backend.write(name, bytes(1000, index))));
    for (const [index, name] of names.entries())
      await assertBlob(backend, name, bytes(1000, index));
  },
  'keeps blobs when it cleans up': async (backend) => {
    await backend.write('a', bytes(3));
    await backend.clean?.({ exclusive: false });
    await backend.clean?.({ exclusive: true });
    await assertBlob(backend, 'a', bytes(3));
  },
  'shares its lock within a process, and reports whether others wrote': async (backend) => {
    if (backend.lock === undefined) return;
    const first = await backend.lock();
    const second = await backend.lock();
    const log: string[] = [];
    const task = (name: string) => async (othersWrote: boolean) => {
      log.push(`${name} begins${othersWrote ? ' after others' : ''}`);
      await backend.write(name, bytes(3));
      log.push(`${name} ends`);
    };
    await Promise.all([first.run(task('a')), second.run(task('b')), second.run(task('c'))]);
    await first.release();
    await first.release();
    await second.run(task('d'));
    await second.release();
    const third = await backend.lock();
    await third.run(task('e'));
    await third.release();
    const ends = ['a begins', 'a ends', 'b begins after others', 'b ends', 'c begins', 'c ends'];
    assert.deepEqual(log, [...ends, 'd begins', 'd ends', 'e begins', 'e ends']);
    assert.deepEqual(await backend.list(), ['a', 'b', 'c', 'd', 'e']);
  },
  'grants the lock again while it is being released': async (backend) => {
    if (backend.lock === undefined) return;
    const first = await backend.lock();
    const [, second] = await Promise.all([first.release(), backend.lock()]);
    assert.equal(await second.run(async () => 'ran'), 'ran');
    await second.release();
  },
};

/**
 * Defines tests that a backend behaves as `CheckpointBackend` requires. Call it in a test file.
 *
 * @param name the backend's name in the titles of the tests
 */
export const checkpointBackendConformance = checkedFunction(
  'checkpointBackendConformance()',
  {
    name: required(kinds.string),
    options: requiredOptions<ConformanceOptions>({
      describe: required(kinds.callback),
      it: required(kinds.callback),
      create: required(kinds.callback),
    }),
  },
  (name: string, { describe, it, create }: ConformanceOptions): void => {
    describe(`${name} as a CheckpointBackend`, () => {
      for (const [title, test] of Object.entries(tests))
        it(title, async () => test(await create()));
    });
  },
);
