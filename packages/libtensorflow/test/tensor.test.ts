import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  ClosedHandleError,
  dtypes,
  type FixedDType,
  type Libtensorflow,
  loadLibtensorflow,
  TensorArgumentError,
} from '../src';
import { oracle } from './library';

const { path, reason } = await oracle();

describe.skipIf(reason !== undefined)(
  `Tensor${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const tensorflow = (await (reason === undefined
      ? loadLibtensorflow({ path })
      : undefined)) as Libtensorflow;
    const fixed = dtypes.filter((dtype): dtype is FixedDType => dtype !== 'string');

    test.each(fixed)('%s: the bytes read are those written', (dtype) => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 0, maxLength: 12 }), (random) => {
          using zeros = tensorflow.tensor(dtype, [random.length]);
          const bytes = zeros.view();
          // Random bits include NaNs and other values that a conversion would change.
          const raw = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          for (let at = 0; at < raw.length; at++) raw[at] = random[at % random.length] ?? 0;
          using copy = tensorflow.tensor(dtype, [random.length], zeros.data() as never);
          const out = copy.data();
          expect(new Uint8Array(out.buffer, out.byteOffset, out.byteLength)).toEqual(raw);
          expect(copy.dtype).toBe(dtype);
          expect(copy.shape).toEqual([random.length]);
        }),
        { numRuns: 20 },
      );
    });

    test('values are zeros or empty strings by default', () => {
      using numbers = tensorflow.tensor('float64', [2, 2]);
      using strings = tensorflow.tensor('string', [2]);
      expect(numbers.data()).toEqual(new Float64Array(4));
      expect(strings.strings()).toEqual(['', '']);
    });

    test('strings of every length are read as they were written', () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 70 })), (strings) => {
          using tensor = tensorflow.tensor('string', [strings.length], strings);
          expect(tensor.data()).toEqual(strings);
        }),
      );
    });

    test('a scalar and an empty tensor', () => {
      using scalar = tensorflow.tensor('int64', [], [-(2n ** 62n)]);
      using empty = tensorflow.tensor('float32', [0, 3], []);
      expect(scalar.data()).toEqual(BigInt64Array.of(-(2n ** 62n)));
      expect(empty.data()).toEqual(new Float32Array(0));
      expect(empty.view()).toEqual(new Float32Array(0));
    });

    test('a view shares the memory and outlives the tensor', () => {
      const tensor = tensorflow.tensor('float32', [2], [1, 2]);
      const view = tensor.view();
      view[1] = 7;
      expect(tensor.data()).toEqual(Float32Array.of(1, 7));
      tensor.close();
      expect(view).toEqual(Float32Array.of(1, 7));
      expect(() => tensor.view()).toThrow(ClosedHandleError);
    });

    test('values are copied', () => {
      const values = Float32Array.of(1, 2);
      using tensor = tensorflow.tensor('float32', [2], values);
      values[0] = 9;
      expect(tensor.data()).toEqual(Float32Array.of(1, 2));
    });

    test('values that do not fit throw a named error and leave nothing open', () => {
      const before = tensorflow.liveHandles().Tensor;
      const make = (dtype: string, shape: unknown, values: unknown) => () =>
        tensorflow.tensor(dtype as 'float32', shape as number[], values as number[]);
      expect(make('float32', [2], [1])).toThrow(/expected 2 values, got 1/);
      expect(make('complex64', [2], [1, 2])).toThrow(/expected 4 values, got 2/);
      expect(make('float32', [-1], [])).toThrow(/Tensor shape: expected a list of at most 254/);
      expect(make('float32', 'x', [])).toThrow(TensorArgumentError);
      expect(make('float32', [2 ** 40, 2 ** 40], [])).toThrow(TensorArgumentError);
      expect(make('float32', [1], new Int32Array(1))).toThrow(
        /expected a Float32Array.*Int32Array/,
      );
      expect(make('int64', [1], [1])).toThrow(/dtype int64/);
      expect(make('string', [1], [1])).toThrow(/expected strings or Uint8Arrays/);
      for (const dtype of ['nonsense', 'resource', 'toString']) {
        expect(make(dtype, [1], undefined)).toThrow(/Tensor dtype: expected one of float32/);
      }
      expect(tensorflow.liveHandles().Tensor).toBe(before);
    });

    test('values that a dtype cannot represent throw an error that names them', () => {
      const create = (dtype: string, values: unknown[]) => () =>
        tensorflow.tensor(dtype as 'int8', [values.length], values as number[]);
      expect(create('int8', [1, 300])).toThrow(
        'Tensor of dtype int8: expected integers from -128 to 127, got 300 at index 1. Correct the value, or choose another dtype.',
      );
      expect(create('int32', [1.5])).toThrow(/from -2147483648 to 2147483647, got 1.5 at index 0/);
      expect(create('uint16', [Number.NaN])).toThrow(/from 0 to 65535, got NaN/);
      expect(create('uint64', [-1n])).toThrow(/from 0 to 18446744073709551615, got -1/);
      expect(create('int64', [2n ** 63n])).toThrow(/got 9223372036854775808/);
      expect(create('float16', [0.5])).toThrow(/raw bits as integers from 0 to 65535, got 0.5/);
      using floats = tensorflow.tensor('float32', [2], [0.1, Number.NaN]);
      expect(floats.data()).toEqual(Float32Array.of(0.1, Number.NaN));
      using bytes = tensorflow.tensor('int8', [3], [-128, 127, -0]);
      expect(bytes.data()).toEqual(Int8Array.of(-128, 127, 0));
    });

    // Each of these would abort the process inside TensorFlow, now or when the tensor is used.
    test('a shape beyond TensorFlow limits throws a named error and leaves nothing open', () => {
      const before = tensorflow.liveHandles().Tensor;
      const make = (shape: number[]) => () => tensorflow.tensor('float32', shape);
      expect(make(Array(255).fill(1))).toThrow(TensorArgumentError);
      expect(make([2 ** 40, 2 ** 40, 0])).toThrow(TensorArgumentError);
      expect(make([2 ** 47])).toThrow(
        /RESOURCE_EXHAUSTED.*There is not enough memory for 562949953421312 bytes/,
      );
      {
        using most = tensorflow.tensor('float32', Array(254).fill(1), [3]);
        expect(most.data()).toEqual(Float32Array.of(3));
      }
      expect(tensorflow.liveHandles().Tensor).toBe(before);
    });

    // These would abort the process inside TensorFlow too.
    test('names that are not strings throw a named error', () => {
      const none = undefined as unknown as string;
      expect(() => tensorflow.loadSavedModel(none)).toThrow(ArgumentError);
      expect(() => tensorflow.loadSavedModel('/x', { tags: [none] })).toThrow(ArgumentError);
      using graph = tensorflow.graph();
      expect(() => graph.operation(none)).toThrow(ArgumentError);
    });

    test('reading strings as numbers or the reverse throws a named error', () => {
      using strings = tensorflow.tensor('string', [1], ['a']);
      using numbers = tensorflow.tensor('int32', [1], [1]);
      expect(() => strings.view()).toThrow(TensorArgumentError);
      expect(() => numbers.strings()).toThrow(TensorArgumentError);
    });

    test('closing twice frees once', () => {
      const before = tensorflow.liveHandles().Tensor;
      const tensor = tensorflow.tensor('int32', [1], [1]);
      expect(tensorflow.liveHandles().Tensor).toBe(before + 1);
      tensor.close();
      tensor.close();
      expect(tensor.closed).toBe(true);
      expect(tensorflow.liveHandles().Tensor).toBe(before);
      expect(() => tensor.data()).toThrow(ClosedHandleError);
    });
  },
);
