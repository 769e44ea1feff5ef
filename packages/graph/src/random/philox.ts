/*
 * Philox 4x32-10 as TensorFlow's stateless random operations draw it on the CPU, so that any execution of
 * a graph can draw the same numbers, and Python can check them.
 * Sources: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); TensorFlow's
 * xla/tsl/lib/random/philox_random.h and random_distributions.h, core/kernels/random_op_cpu.h and
 * stateless_random_ops.cc.
 */

/** The keys of the ten rounds, in pairs. */
export type PhiloxKeys = Int32Array;

/** The words of one draw: blocks of four, numbered from 0. */
export interface PhiloxStream {
  readonly keys: PhiloxKeys;
  /** The upper half of the counter; the lower half is the number of the block. */
  readonly counter2: number;
  readonly counter3: number;
}

export const keysOf = (key0: number, key1: number): PhiloxKeys => {
  const keys = new Int32Array(20);
  for (let round = 0; round < 10; round++) {
    keys[2 * round] = key0 + Math.imul(round, 0x9e3779b9);
    keys[2 * round + 1] = key1 + Math.imul(round, 0xbb67ae85);
  }
  return keys;
};

/**
 * Computes one block of the generator.
 *
 * @param words receives four words at `offset`
 */
export const philoxBlock = (
  words: Int32Array,
  offset: number,
  keys: PhiloxKeys,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
): void => {
  let c0 = counter0 | 0;
  let c1 = counter1 | 0;
  let c2 = counter2 | 0;
  let c3 = counter3 | 0;
  for (let key = 0; key < 20; key += 2) {
    // The upper words of 0xd2511f53 * c0 and 0xcd9e8d57 * c2, from products of 16-bit halves.
    const low0 = c0 & 0xffff;
    const high0 = c0 >>> 16;
    const low2 = c2 & 0xffff;
    const high2 = c2 >>> 16;
    const middle0 = (Math.imul(high0, 0x1f53) + (Math.imul(low0, 0x1f53) >>> 16)) | 0;
    const middle2 = (Math.imul(high2, 0x8d57) + (Math.imul(low2, 0x8d57) >>> 16)) | 0;
    const carry0 = (Math.imul(low0, 0xd251) + (middle0 & 0xffff)) | 0;
    const carry2 = (Math.imul(low2, 0xcd9e) + (middle2 & 0xffff)) | 0;
    const upper0 = Math.imul(high0, 0xd251) + (middle0 >>> 16) + (carry0 >>> 16);
    const upper2 = Math.imul(high2, 0xcd9e) + (middle2 >>> 16) + (carry2 >>> 16);
    const next0 = upper2 ^ c1 ^ (keys[key] as number);
    const next2 = upper0 ^ c3 ^ (keys[key + 1] as number);
    c1 = Math.imul(c2, 0xcd9e8d57);
    c3 = Math.imul(c0, 0xd2511f53);
    c0 = next0;
    c2 = next2;
  }
  words[offset] = c0;
  words[offset + 1] = c1;
  words[offset + 2] = c2;
  words[offset + 3] = c3;
};

const upperWord = (value: number): number => Math.floor(value / 2 ** 32) | 0;

const SCRAMBLING_KEYS = keysOf(0x3ec8f720, 0x02461e29);
/** One block, for the moment of a computation. */
const scratch = new Int32Array(4);

/**
 * The stream that TensorFlow draws from under `seed=[seed0, seed1]`.
 *
 * @param seed0 a safe integer, as is `seed1`: TensorFlow's int64
 */
export const streamOf = (seed0: number, seed1: number): PhiloxStream => {
  const uppers = [upperWord(seed0), upperWord(seed1)] as const;
  philoxBlock(scratch, 0, SCRAMBLING_KEYS, seed0 | 0, uppers[0], seed1 | 0, uppers[1]);
  const [key0 = 0, key1 = 0, counter2 = 0, counter3 = 0] = scratch;
  return { keys: keysOf(key0, key1), counter2, counter3 };
};

/** Fills `words` with the stream's words, from its beginning. */
export const fillWords = ({ keys, counter2, counter3 }: PhiloxStream, words: Int32Array): void => {
  const complete = words.length - (words.length % 4);
  for (let offset = 0; offset < complete; offset += 4) {
    philoxBlock(words, offset, keys, offset >>> 2, 0, counter2, counter3);
  }
  if (complete === words.length) return;
  philoxBlock(scratch, 0, keys, complete >>> 2, 0, counter2, counter3);
  words.set(scratch.subarray(0, words.length - complete), complete);
};

/** 23 bits of a word as a float32 from [0, 1): TensorFlow's `Uint32ToFloat`. */
const fractionOf = (word: number): number => (word & 0x7fffff) * 2 ** -23;

/** Fills `values` with uniformly distributed numbers from [0, 1). */
export const fillUniform = (stream: PhiloxStream, values: Float32Array): void => {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  fillWords(stream, words);
  for (let index = 0; index < values.length; index++) values[index] = fractionOf(words[index] ?? 0);
};

/*
 * TensorFlow's `BoxMullerFloat` makes two normally distributed numbers from two words: a radius from the
 * first, times the sine and the cosine of an angle from the second. Each step is rounded to float32.
 */
const SMALLEST_FRACTION = Math.fround(1e-7);
const radiusOf = (word: number): number => {
  const fraction = Math.max(fractionOf(word), SMALLEST_FRACTION);
  return Math.fround(Math.sqrt(Math.fround(-2 * Math.fround(Math.log(fraction)))));
};
const angleOf = (word: number): number => Math.fround(2 * Math.PI * fractionOf(word));
const sine = (angle: number): number => Math.fround(Math.sin(angle));
const cosine = (angle: number): number => Math.fround(Math.cos(angle));

/** Fills `values` with normally distributed numbers of mean 0 and standard deviation 1. */
export const fillNormal = (stream: PhiloxStream, values: Float32Array): void => {
  const { length } = values;
  const words = new Int32Array(length + (length % 2));
  fillWords(stream, words);
  for (let index = 0; index < length; index += 2) {
    const radius = radiusOf(words[index] ?? 0);
    const angle = angleOf(words[index + 1] ?? 0);
    values[index] = radius * sine(angle);
    if (index + 1 < length) values[index + 1] = radius * cosine(angle);
  }
};

/** TensorFlow reserves 256 samples for each output, so for the four outputs of a group. */
const BLOCKS_PER_GROUP = 256;

/** Like {@link fillNormal}, with numbers of magnitude 2 and above drawn again. */
export const fillTruncatedNormal = (
  { keys, counter2, counter3 }: PhiloxStream,
  values: Float32Array,
): void => {
  const words = scratch;
  for (let start = 0; start < values.length; start += 4) {
    const end = Math.min(start + 4, values.length);
    let block = (start / 4) * BLOCKS_PER_GROUP;
    let index = start;
    while (index < end) {
      philoxBlock(words, 0, keys, block | 0, upperWord(block), counter2, counter3);
      block++;
      for (let word = 0; word < 4; word += 2) {
        const radius = radiusOf(words[word] ?? 0);
        const angle = angleOf(words[word + 1] ?? 0);
        const first = Math.fround(radius * sine(angle));
        const second = Math.fround(radius * cosine(angle));
        if (Math.abs(first) < 2 && index < end) values[index++] = first;
        if (Math.abs(second) < 2 && index < end) values[index++] = second;
      }
    }
  }
};
