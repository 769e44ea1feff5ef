import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensors } from '../../test/arbitrary-tensors';
import { memoryBackend } from '../backends/memory';
import { compareBytes } from '../bytes';
import {
  CheckpointNotFoundError,
  InvalidBlobNameError,
  InvalidTensorError,
  TensorNotFoundError,
} from '../errors';
import type { CheckpointTensor, WritableTensor } from '../tensor';
import { openCheckpoint } from './open-checkpoint';
import { writeCheckpoint } from './write-checkpoint';

const bytesOf = (data: WritableTensor['data']): unknown =>
  'buffer' in data
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
    : data.map((one) => Buffer.from(one).toString('hex'));

const plain = ({ name, dtype, shape, data }: WritableTensor) => ({
  name,
  dtype,
  shape,
  data: bytesOf(data),
});

const sorted = (all: readonly WritableTensor[]) =>
  [...all].sort((left, right) => compareBytes(Buffer.from(left.name), Buffer.from(right.name)));

const scalar = (name: string, value = 1): WritableTensor => ({
  name,
  dtype: 'float32',
  shape: [],
  data: Float32Array.of(value),
});

describe('writeCheckpoint and openCheckpoint', () => {
  it('round-trip every dtype, shape and bit pattern, in one or several data files', async () => {
    await fc.assert(
      fc.asyncProperty(tensors(), fc.integer({ min: 1, max: 4 }), async (all, shards) => {
        const backend = memoryBackend();
        await writeCheckpoint('model', all, { backend, shards });
        const reader = await openCheckpoint('model', { backend });
        const listed = sorted(all).map(({ name, dtype, shape }) => ({ name, dtype, shape }));
        expect(reader.variables()).toEqual(listed);
        expect((await reader.readAll()).map(plain)).toEqual(sorted(all).map(plain));
        for (const tensor of all)
          expect(plain(await reader.read(tensor.name))).toEqual(plain(tensor));
        await reader.verify();
      }),
    );
  });

  it('support thousands of names, which fill several blocks of the index', async () => {
    const backend = memoryBackend();
    const all = Array.from({ length: 6000 }, (_, index) =>
      scalar(`model/block_${index}/a/rather/long/kernel`, index),
    );
    await writeCheckpoint('model', all, { backend });
    expect((await openCheckpoint('model', { backend })).variables()).toHaveLength(6000);
    const read = await (await openCheckpoint('model', { backend })).readAll();
    expect(read.map(plain)).toEqual(sorted(all).map(plain));
  });

  it('use TensorFlow’s file names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'checkpoint-'));
    const prefix = join(directory, 'made', 'model.ckpt-7');
    expect(await writeCheckpoint(prefix, [scalar('a', 3)])).toBe(prefix);
    expect(readdirSync(join(directory, 'made')).sort()).toEqual([
      'model.ckpt-7.data-00000-of-00001',
      'model.ckpt-7.index',
    ]);
    expect((await openCheckpoint(prefix)).file).toBe(prefix);
  });

  it('write the entry of a scalar with the same bytes as TensorFlow', async () => {
    const backend = memoryBackend();
    await writeCheckpoint('model', [scalar('a', 3)], { backend });
    const index = Buffer.from(await backend.read('model.index')).toString('hex');
    // Header: one data file, producer 1. Entry: float, scalar, size 4, checksum of 3.0.
    expect(index).toContain('08011a020801');
    expect(index).toContain('08011200280435efd682c3');
  });

  it('write unaligned views, and read into arrays that are not shared', async () => {
    const backend = memoryBackend();
    const big = Float32Array.from({ length: 10 }, (_, at) => at);
    const all: WritableTensor[] = [
      { name: 'a', dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      { name: 'b', dtype: 'float32', shape: [3], data: big.subarray(2, 5) },
      { name: 'c', dtype: 'int64', shape: [], data: BigInt64Array.of(-5n) },
    ];
    await writeCheckpoint('model', all, { backend });
    const read = await (await openCheckpoint('model', { backend })).readAll();
    expect(read.map(plain)).toEqual(all.map(plain));
    expect(new Set(read.map(({ data }) => ('buffer' in data ? data.buffer : data))).size).toBe(3);
  });

  it('write JavaScript strings', async () => {
    const backend = memoryBackend();
    const text: WritableTensor = {
      name: 's',
      dtype: 'string',
      shape: [2],
      data: ['é', Buffer.from('b')],
    };
    await writeCheckpoint('model', [text], { backend });
    const read: CheckpointTensor = await (await openCheckpoint('model', { backend })).read('s');
    expect(read.dtype === 'string' && read.data.map((one) => Buffer.from(one).toString())).toEqual([
      'é',
      'b',
    ]);
  });

  it('replace a checkpoint of the same prefix and delete all its files', async () => {
    const backend = memoryBackend();
    for (const value of [1, 2, 3]) {
      await writeCheckpoint('model', [scalar('a', value)], { backend });
      const { data } = await (await openCheckpoint('model', { backend })).read('a');
      expect(data).toEqual(Float32Array.of(value));
      const shards = value === 2 ? 2 : 1;
      expect(await backend.list()).toHaveLength(shards + 1);
    }
  });

  it('keep the old checkpoint intact until the new index is written', async () => {
    const backend = memoryBackend();
    await writeCheckpoint('model', [scalar('a', 1)], { backend });
    for (const failing of ['model.data', 'model.index']) {
      const write = async (...[name, data]: Parameters<typeof backend.write>) => {
        if (name.startsWith(failing)) throw new Error('disk full');
        await backend.write(name, data);
      };
      const saving = writeCheckpoint('model', [scalar('a', 2)], { backend: { ...backend, write } });
      await expect(saving).rejects.toThrow('disk full');
      const { data } = await (await openCheckpoint('model', { backend })).read('a');
      expect(data).toEqual(Float32Array.of(1));
      expect(await backend.list()).toEqual(['model.data-00000-of-00001', 'model.index']);
    }
  });

  it('reject inconsistent tensors with an error that names them', async () => {
    const backend = memoryBackend();
    const bad: Record<string, WritableTensor[]> = {
      'Float32Array of length 6 for float32 [2,3], got Float32Array of length 5': [
        { name: 'w', dtype: 'float32', shape: [2, 3], data: new Float32Array(5) },
      ],
      'got Int32Array of length 1': [
        { name: 'w', dtype: 'float32', shape: [], data: new Int32Array(1) },
      ],
      'a shape of integers of at least 0': [
        { name: 'w', dtype: 'float32', shape: [-1], data: new Float32Array(1) },
      ],
      'one tensor of this name, got two': [scalar('w'), scalar('w')],
      'a name of well-formed Unicode text': [scalar('\ud800')],
      'an array of 2 strings': [{ name: 'w', dtype: 'string', shape: [2], data: ['a'] }],
    };
    for (const [message, all] of Object.entries(bad)) {
      const writing = writeCheckpoint('model', all, { backend });
      await expect(writing).rejects.toThrow(InvalidTensorError);
      await expect(writing).rejects.toThrow(message);
    }
    expect(await backend.list()).toEqual([]);
  });

  it('distinguish missing checkpoints, missing tensors and invalid names', async () => {
    const backend = memoryBackend();
    await expect(openCheckpoint('model', { backend })).rejects.toThrow(CheckpointNotFoundError);
    await expect(openCheckpoint('/nowhere/at/all')).rejects.toThrow(CheckpointNotFoundError);
    await expect(openCheckpoint('../model', { backend })).rejects.toThrow(InvalidBlobNameError);
    await expect(openCheckpoint('/tmp/')).rejects.toThrow(InvalidBlobNameError);
    await writeCheckpoint('model', [scalar('a')], { backend });
    const reader = await openCheckpoint('model', { backend });
    expect(reader.has('a')).toBe(true);
    await expect(reader.read('b')).rejects.toThrow(TensorNotFoundError);
    await expect(reader.read('b')).rejects.toThrow('expected a tensor "b", got "a"');
  });
});
