import { expect, test } from 'vitest';
import { fillUniform, fillWords, keysOf, philoxBlock, streamOf } from './philox';

/** Source: `philox4x32 10` in Random123's tests/kat_vectors. */
const knownAnswers: readonly {
  readonly counter: readonly [number, number, number, number];
  readonly key: readonly [number, number];
  readonly words: readonly number[];
}[] = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

test.each(knownAnswers)('the block of counter $counter under key $key', (known) => {
  const words = new Int32Array(6);
  philoxBlock(words, 1, keysOf(...known.key), ...known.counter);
  expect(Array.from(words.subarray(1, 5), (word) => word >>> 0)).toEqual(known.words);
  expect([words[0], words[5]]).toEqual([0, 0]);
});

test('shorter draws are the beginning of longer ones', () => {
  const stream = streamOf(1, 2);
  const longest = new Int32Array(13);
  fillWords(stream, longest);
  for (let size = 0; size < 13; size++) {
    const words = new Int32Array(size);
    fillWords(stream, words);
    expect(words).toEqual(longest.slice(0, size));
  }
});

test('fills part of a buffer', () => {
  const values = new Float32Array(8);
  fillUniform(streamOf(1, 2), values.subarray(2, 7));
  const drawn = new Float32Array(5);
  fillUniform(streamOf(1, 2), drawn);
  expect(values).toEqual(Float32Array.of(0, 0, ...drawn, 0));
});
