import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { memoryBackend } from '../backends/memory';
import {
  CheckpointNotFoundError,
  CorruptCheckpointError,
  UnsupportedCheckpointError,
} from '../errors';
import type { WritableTensor } from '../tensor';
import { openCheckpoint } from './open-checkpoint';
import { writeCheckpoint } from './write-checkpoint';

const small: WritableTensor[] = [
  {
    name: 'dense/kernel',
    dtype: 'float32',
    shape: [2, 3],
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
  },
  { name: 'done', dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  { name: 'empty', dtype: 'float32', shape: [0, 4], data: new Float32Array() },
  { name: 'global_step', dtype: 'int64', shape: [], data: BigInt64Array.of(3216n) },
  { name: 'labels', dtype: 'string', shape: [3], data: ['a', '', 'héllo'] },
];

const DATA = 'model.data-00000-of-00001';
const INDEX = 'model.index';

const saved = async (): Promise<CheckpointBackend> => {
  const backend = memoryBackend();
  await writeCheckpoint('model', small, { backend });
  return backend;
};

const readAll = async (backend: CheckpointBackend) =>
  (await openCheckpoint('model', { backend })).readAll();

/** The error of reading a damaged checkpoint, or that it was read without an error. */
const outcome = async (backend: CheckpointBackend, intact: unknown): Promise<unknown> => {
  try {
    expect(await readAll(backend)).toEqual(intact);
    return 'unharmed';
  } catch (error) {
    return error;
  }
};

describe('a damaged checkpoint', () => {
  it.each([DATA, INDEX])('is detected at every flipped bit of %s', async (file) => {
    const backend = await saved();
    const intact = await readAll(backend);
    const bytes = await backend.read(file);
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = bytes.slice();
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        await backend.write(file, damaged);
        const error = await outcome(backend, intact);
        expect(error, `byte ${at}, bit ${bit}`).toBeInstanceOf(CorruptCheckpointError);
        expect(error).toHaveProperty('file', backend.resolve(file));
      }
    }
  });

  it.each([DATA, INDEX])('is detected at every truncation of %s', async (file) => {
    const backend = await saved();
    const intact = await readAll(backend);
    const bytes = await backend.read(file);
    for (let length = 0; length < bytes.length; length++) {
      await backend.write(file, bytes.subarray(0, length));
      expect(await outcome(backend, intact), `${length}`).toBeInstanceOf(CorruptCheckpointError);
    }
  });

  it('is reported with file, tensor, expected and actual checksum', async () => {
    const backend = await saved();
    const bytes = await backend.read(DATA);
    bytes[0] = 99;
    await backend.write(DATA, bytes);
    const reader = await openCheckpoint('model', { backend });
    const error = await reader.read('dense/kernel').catch((caught) => caught);
    expect(error).toBeInstanceOf(CorruptCheckpointError);
    expect(error).toMatchObject({ file: backend.resolve(DATA), tensor: 'dense/kernel' });
    expect(error.expected).toMatch(/^checksum 0x[\da-f]{8}$/);
    expect(error.actual).toMatch(/^0x[\da-f]{8}$/);
    // The other tensors are still readable.
    expect((await reader.read('global_step')).data).toEqual(BigInt64Array.of(3216n));
  });

  it('counts as damaged without its data file, and as missing without its index', async () => {
    const backend = await saved();
    await backend.delete(DATA);
    const reader = await openCheckpoint('model', { backend });
    expect(reader.variables()).toHaveLength(5);
    await expect(reader.read('done')).rejects.toThrow(CorruptCheckpointError);
    await backend.delete(INDEX);
    await expect(readAll(backend)).rejects.toThrow(CheckpointNotFoundError);
  });

  it('is read correctly or reported with a named error, whatever happens to its files', async () => {
    const backend = await saved();
    const intact = await readAll(backend);
    const original = new Map<string, Uint8Array>();
    for (const file of [DATA, INDEX]) original.set(file, await backend.read(file));
    const edit = fc.record({
      file: fc.constantFrom(DATA, INDEX),
      at: fc.nat(400),
      remove: fc.nat(20),
      insert: fc.uint8Array({ maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        for (const [file, bytes] of original) await backend.write(file, bytes);
        for (const { file, at, remove, insert } of edits) {
          const bytes = await backend.read(file);
          const tail = bytes.subarray(at + remove);
          await backend.write(file, Buffer.concat([bytes.subarray(0, at), insert, tail]));
        }
        const result = await outcome(backend, intact);
        const named = [CorruptCheckpointError, UnsupportedCheckpointError, CheckpointNotFoundError];
        return result === 'unharmed' || named.some((kind) => result instanceof kind);
      }),
      { numRuns: 3000 },
    );
  });
});
