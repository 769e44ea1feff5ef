import { describe, expect, it } from 'vitest';
import { memoryBackend } from '../backends/memory';
import type { WritableTensor } from '../tensor';
import { matchVariables } from '../warm-start';
import { openCheckpoint } from './open-checkpoint';
import { writeCheckpoint } from './write-checkpoint';

const readerOf = async (...tensors: readonly Omit<WritableTensor, 'shape'>[]) => {
  const backend = memoryBackend();
  const shaped = tensors.map((tensor) => ({ ...tensor, shape: [1] }));
  await writeCheckpoint('model', shaped, { backend });
  return openCheckpoint('model', { backend });
};

describe('read({ as })', () => {
  it('decodes float16 and bfloat16', async () => {
    const reader = await readerOf(
      { name: 'half', dtype: 'float16', data: Uint16Array.of(0x3e00) },
      { name: 'brain', dtype: 'bfloat16', data: Uint16Array.of(0xc049) },
    );
    const half = await reader.read('half', { as: 'float32' });
    expect(half).toEqual({
      name: 'half',
      dtype: 'float32',
      shape: [1],
      data: Float32Array.of(1.5),
    });
    expect((await reader.read('brain', { as: 'float64' })).data).toEqual(
      Float64Array.of(-3.140625),
    );
    // Without it, the bits.
    expect((await reader.read('half')).data).toEqual(Uint16Array.of(0x3e00));
  });

  it('rejects what does not fit, and other kinds of numbers', async () => {
    const reader = await readerOf(
      { name: 'far', dtype: 'float64', data: Float64Array.of(1e300) },
      { name: 'long', dtype: 'int64', data: BigInt64Array.of(3_000_000_000n) },
      { name: 'int', dtype: 'int32', data: Int32Array.of(1) },
      { name: 'text', dtype: 'string', data: ['a'] },
      { name: 'flag', dtype: 'bool', data: Uint8Array.of(1) },
    );
    const rejection = (name: string, as: 'float32' | 'int32') =>
      expect(reader.read(name, { as })).rejects;
    await rejection('far', 'float32').toThrow(
      'tensor "far": expected values that fit into float32, got 1e+300.',
    );
    await rejection('long', 'int32').toThrow('values that fit into int32, got 3000000000.');
    await rejection('int', 'float32').toThrow(
      'tensor "int": expected a dtype that can be cast to float32: float16, bfloat16, float32, float64, got int32.',
    );
    await rejection('text', 'float32').toThrow('got string');
    await rejection('flag', 'int32').toThrow('got bool');
    expect((await reader.read('int', { as: 'int32' })).data).toEqual(Int32Array.of(1));
  });

  it('rejects unknown targets and options', async () => {
    const reader = await readerOf({ name: 'w', dtype: 'float32', data: Float32Array.of(1) });
    const read = (...args: unknown[]): Promise<unknown> => Reflect.apply(reader.read, reader, args);
    await expect(read('w', { as: 'float16' })).rejects.toThrow(
      'option "as": expected one of float32, float64, int32, complex64, got "float16"',
    );
    await expect(read('w', 'float32')).rejects.toThrow('{ as: "float32" }');
    await expect(read('w', { dtype: 'float32' })).rejects.toThrow('got "dtype"');
    await expect(read('w', {})).rejects.toThrow('option "as" of reader.read()');
  });
});

describe('matchVariables with cast', () => {
  const info = (name: string, dtype: 'float32' | 'float16' | 'int32' | 'bool', shape = [2]) => ({
    name,
    dtype,
    shape,
  });

  it('casts within a kind of number, and reports the rest as mismatched', () => {
    const stored = [info('a', 'float16'), info('b', 'bool'), info('c', 'float16', [3])];
    const model = [info('a', 'float32'), info('b', 'int32'), info('c', 'float32')];
    const { matched, mismatched } = matchVariables(stored, model, undefined, { cast: true });
    expect(matched).toEqual([
      { key: 'a', variable: 'a', cast: { from: 'float16', to: 'float32' } },
    ]);
    expect(mismatched.map(({ key }) => key)).toEqual(['b', 'c']);
    expect(matchVariables(stored, model).matched).toEqual([]);
  });

  it('says nothing of a cast where none is needed', () => {
    const same = [info('a', 'float32')];
    expect(matchVariables(same, same, undefined, { cast: true }).matched).toEqual([
      { key: 'a', variable: 'a' },
    ]);
  });
});
