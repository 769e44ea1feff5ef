import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import { type EmbeddingMetadata, embeddingFiles } from './embedding';

const vectors = { shape: [3, 2], data: Float32Array.of(0.1, -1, 1e-30, 2, 3, 1e30) };
const textsOf = (files: ReturnType<typeof embeddingFiles>['files']) =>
  Object.fromEntries(
    files.map(({ path, content }) => [
      path,
      typeof content === 'string' ? content : [...content].join(''),
    ]),
  );

describe('embeddingFiles', () => {
  it('writes vectors with the digits that float32 needs', () => {
    const { files, name } = embeddingFiles('hidden', vectors, 7, {});
    expect(name).toBe('hidden:00007');
    const { 'projector/hidden-00007/tensors.tsv': tsv = '' } = textsOf(files);
    expect(tsv).toBe('0.100000001\t-1\n1e-30\t2\n3\t1.00000002e+30\n');
    expect(Float32Array.from(tsv.split(/\s/, 6), Number)).toEqual(vectors.data);
  });

  it('copies the values', () => {
    const data = [1, 2];
    const { files } = embeddingFiles('hidden', { data, shape: [1, 2] }, 0, {});
    data.fill(0);
    expect(Object.values(textsOf(files))).toEqual(['1\t2\n']);
  });

  it.each<[string, EmbeddingMetadata, string]>([
    ['labels', ['a', 'b\tc', 'd\n'], 'a\nb\\tc\nd\\n\n'],
    ['one column', { name: ['a', 'b', 'c'] }, 'a\nb\nc\n'],
    ['columns', { name: ['a', 'b', 'c'], n: [1, 2, 3] }, 'name\tn\na\t1\nb\t2\nc\t3\n'],
  ])('writes %s', (_what, metadata, expected) => {
    const { files, config } = embeddingFiles('a/ü "b"', vectors, 0, { metadata });
    const path = 'projector/a%2F%C3%BC%20%22b%22-00000/metadata.tsv';
    expect(textsOf(files)[path]).toBe(expected);
    expect(config).toContain('tensor_name: "a/ü \\"b\\":00000"');
    expect(config).toContain(`metadata_path: "${path}"`);
  });

  it('arranges sprites in a square', () => {
    const sprites = { shape: [3, 1, 2, 1], data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const { files, config } = embeddingFiles('hidden', vectors, 0, { sprites });
    const { content = '' } = files.find(({ path }) => path.endsWith('sprite.png')) ?? {};
    const { data, width, height } = PNG.sync.read(Buffer.from(content as Uint8Array));
    expect([width, height]).toEqual([4, 2]);
    expect([...data].filter((_, i) => i % 4 === 0)).toEqual([1, 2, 3, 4, 5, 6, 0, 0]);
    expect(config).toContain('single_image_dim: 2 single_image_dim: 1');
  });

  it.each([
    ['shape', { shape: [6], data: vectors.data }, {}, 'vectors of shape [n, d], got shape [6]'],
    ['value', { shape: [1, 2], data: [1, Infinity] }, {}, 'Infinity at index 1'],
    ['metadata', vectors, { metadata: ['a'] }, 'metadata with 3 values per column, got 1 values'],
    ['columns', vectors, { metadata: {} }, 'got no columns'],
    [
      'sprites',
      vectors,
      { sprites: { shape: [1, 1, 1, 1], data: [1] } },
      'sprites of shape [3, height, width, channels]',
    ],
    [
      'sprite size',
      vectors,
      { sprites: { shape: [3, 1, 5000, 1], data: new Uint8Array(15_000) } },
      'a grid of sprites of at most 8192x8192 pixels, got 2x2 sprites of 1x5000 pixels',
    ],
  ])('rejects a wrong %s', (_what, tensor, options, message) => {
    const record = () => embeddingFiles('hidden', tensor, 0, options);
    expect(record).toThrow(SummaryValueError);
    expect(record).toThrow(message);
  });
});
