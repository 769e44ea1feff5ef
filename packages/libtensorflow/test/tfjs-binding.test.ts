import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPython } from '@elistimator/tooling/python';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type ClosableTfjsBinding,
  ClosedHandleError,
  loadLibtensorflow,
  TensorArgumentError,
  TensorflowError,
} from '../src';
import { oracle } from './library';
import { require, startTfjs, type Tf } from './tfjs';

const { python = '', path = '', reason } = await oracle();

describe.skipIf(reason !== undefined)('the binding', () => {
  let tf: Tf;
  let binding: ClosableTfjsBinding;

  beforeAll(async () => {
    ({ tf, binding } = await startTfjs(path));
  });

  const bytes = (text: string) => new TextEncoder().encode(text);
  const int32 = (...values: number[]) =>
    binding.createTensor([values.length], binding.TF_INT32, Int32Array.from(values));
  const string = (...values: string[]) =>
    binding.createTensor([values.length], binding.TF_STRING, values.map(bytes));

  /** Executes an operation, reads its outputs, and deletes inputs and outputs. */
  const read = (
    name: string,
    attributes: readonly (readonly [name: string, type: number, value: unknown])[],
    inputs: readonly number[],
    outputs = 1,
  ) => {
    const before = binding.getNumOfTensors();
    try {
      const list = attributes.map(([key, type, value]) => ({ name: key, type, value }));
      const results = binding.executeOp(name, list, inputs, outputs);
      return results.map(({ id, shape, dtype }) => {
        const values = binding.tensorDataSync(id);
        binding.deleteTensor(id);
        return { shape, dtype, values };
      });
    } finally {
      expect(binding.getNumOfTensors()).toBe(before);
      for (const id of inputs) binding.deleteTensor(id);
    }
  };

  describe('attributes', () => {
    test('a list of integers, and a single type', () => {
      const input = binding.createTensor([1, 2, 1], binding.TF_FLOAT, Float32Array.of(1, 2));
      const attributes = [
        ['T', binding.TF_ATTR_TYPE, binding.TF_FLOAT],
        ['squeeze_dims', binding.TF_ATTR_INT, [-1]],
      ] as const;
      expect(read('Squeeze', attributes, [input])).toEqual([
        { shape: [1, 2], dtype: binding.TF_FLOAT, values: Float32Array.of(1, 2) },
      ]);
    });

    test('a list of floats', () => {
      const input = binding.createTensor([3], binding.TF_FLOAT, Float32Array.of(-5, 0.4, 100));
      const attributes = [['boundaries', binding.TF_ATTR_FLOAT, [0, 0.5, 10]]] as const;
      expect(read('Bucketize', attributes, [input])[0]?.values).toEqual(Int32Array.of(0, 1, 3));
    });

    test('a list of types', () => {
      const types = [binding.TF_INT32, binding.TF_STRING];
      const inputs = [int32(7), string('seven')];
      const [number, text] = read('IdentityN', [['T', binding.TF_ATTR_TYPE, types]], inputs, 2);
      expect(number?.values).toEqual(Int32Array.of(7));
      expect(text?.values).toEqual([bytes('seven')]);
    });

    test('a shape and a string; a resource can be read', () => {
      const attributes = [
        ['dtype', binding.TF_ATTR_TYPE, binding.TF_FLOAT],
        ['shape', binding.TF_ATTR_SHAPE, [2, 3]],
        ['shared_name', binding.TF_ATTR_STRING, 'a variable'],
      ] as const;
      const [handle] = binding.executeOp(
        'VarHandleOp',
        attributes.map(([name, type, value]) => ({ name, type, value })),
        [],
        1,
      );
      const id = handle?.id ?? -1;
      expect(handle?.dtype).toBe(binding.TF_RESOURCE);
      expect(new TextDecoder().decode(binding.tensorDataSync(id) as Uint8Array)).toContain(
        'a variable',
      );
      binding.deleteTensor(id);
    });

    test('a shape that is known, partly known, or of unknown rank', () => {
      const ensure = (shape: readonly number[] | null) =>
        read(
          'EnsureShape',
          [
            ['T', binding.TF_ATTR_TYPE, binding.TF_INT32],
            ['shape', binding.TF_ATTR_SHAPE, shape],
          ],
          [int32(1, 2, 3)],
        )[0]?.shape;
      expect(ensure([3])).toEqual([3]);
      expect(ensure([-1])).toEqual([3]);
      expect(ensure(null)).toEqual([3]);
      expect(() => ensure([2])).toThrow(/shape/);
      expect(() => ensure([])).toThrow(/shape/);
    });

    test('a list of shapes reaches TensorFlow', () => {
      const queue = () =>
        binding.executeOp(
          'FIFOQueueV2',
          [
            {
              name: 'component_types',
              type: binding.TF_ATTR_TYPE,
              value: [binding.TF_INT32, binding.TF_INT32],
            },
            { name: 'shapes', type: binding.TF_ATTR_SHAPE, value: [[2], [1, 3]] },
          ],
          [],
          1,
        );
      const [{ id } = { id: -1 }] = queue();
      const enqueue = (first: number, second: number) => {
        binding.executeOp(
          'QueueEnqueueV2',
          [
            {
              name: 'Tcomponents',
              type: binding.TF_ATTR_TYPE,
              value: [binding.TF_INT32, binding.TF_INT32],
            },
          ],
          [id, first, second],
          0,
        );
      };
      const two = int32(1, 2);
      const matrix = binding.createTensor([1, 3], binding.TF_INT32, Int32Array.of(1, 2, 3));
      enqueue(two, matrix);
      expect(() => enqueue(two, two)).toThrow(/\[1,3\]/);
      for (const tensor of [id, two, matrix]) binding.deleteTensor(tensor);
    });

    test('a list of strings', () => {
      const sizes = binding.createTensor([1, 2], binding.TF_INT32, Int32Array.of(1, 1));
      const size = binding.createTensor([1, 1], binding.TF_INT64, Int32Array.of(5, 0));
      const name = binding.createTensor([1, 1], binding.TF_STRING, [bytes('axis')]);
      const attributes = [
        ['field_names', binding.TF_ATTR_STRING, ['size', 'name']],
        ['message_type', binding.TF_ATTR_STRING, 'tensorflow.TensorShapeProto.Dim'],
        ['Tinput_types', binding.TF_ATTR_TYPE, [binding.TF_INT64, binding.TF_STRING]],
      ] as const;
      const [encoded] = read('EncodeProto', attributes, [sizes, size, name]);
      expect(encoded?.values).toEqual([Uint8Array.of(8, 5, 18, 4, ...bytes('axis'))]);
    });

    test('an unknown attribute type throws', () => {
      const run = () => binding.executeOp('NoOp', [{ name: 'x', type: 9, value: 1 }], [], 0);
      expect(run).toThrow(/Unhandled TF_AttrType: 9/);
    });
  });

  describe('tensors', () => {
    test('64-bit integers are passed as pairs and returned as BigInts', () => {
      const id = binding.createTensor([2], binding.TF_INT64, Int32Array.of(5, 0, -1, -1));
      expect(binding.tensorDataSync(id)).toEqual(BigInt64Array.of(5n, -1n));
      binding.deleteTensor(id);
    });

    test('strings are read as they were written', () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (strings) => {
          const id = binding.createTensor([strings.length], binding.TF_STRING, strings);
          expect(binding.tensorDataSync(id)).toEqual(strings);
          binding.deleteTensor(id);
        }),
      );
    });

    test('deleting a string tensor does not affect tensors that share its memory', () => {
      const long = 'a string that is longer than twenty-two bytes';
      const id = string(long, 'short');
      const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_STRING };
      const [same] = binding.executeOp('Identity', [type], [id], 1);
      binding.deleteTensor(id);
      expect(binding.tensorDataSync(same?.id ?? -1)).toEqual([bytes(long), bytes('short')]);
      binding.deleteTensor(same?.id ?? -1);
    });

    test('uint8 is read as int32, because tfjs has no uint8', () => {
      const id = binding.createTensor([2], binding.TF_UINT8, Uint8Array.of(1, 255));
      expect(binding.tensorDataSync(id)).toEqual(Int32Array.of(1, 255));
      binding.deleteTensor(id);
    });

    test('values that do not fit throw a named error and leave nothing open', () => {
      const before = binding.getNumOfTensors();
      const create = (shape: number[], dtype: number, values: unknown) => () =>
        binding.createTensor(shape, dtype, values);
      const { TF_FLOAT, TF_INT32, TF_INT64, TF_STRING } = binding;
      expect(create([2], TF_FLOAT, new Float32Array(3))).toThrow(
        /Shape does not match typed-array/,
      );
      expect(create([2], TF_INT64, new Int32Array(2))).toThrow(TensorArgumentError);
      expect(create([2], TF_INT32, new Float32Array(2))).toThrow(
        /Tensor type does not match Float32Array/,
      );
      expect(create([2], TF_STRING, [bytes('a')])).toThrow(TensorArgumentError);
      expect(create([1], TF_STRING, ['a'])).toThrow(TensorArgumentError);
      expect(binding.getNumOfTensors()).toBe(before);
    });

    test('using a deleted tensor throws', () => {
      const id = int32(1);
      binding.deleteTensor(id);
      expect(() => binding.deleteTensor(id)).toThrow(/tensor_id: \d+/);
      expect(() => binding.tensorDataSync(id)).toThrow(RangeError);
      expect(() => binding.executeOp('Identity', [], [id], 1)).toThrow(RangeError);
    });
  });

  test("errors contain the operation's name and TensorFlow's code and message", () => {
    const [a, b] = [int32(1), int32(1)];
    const run = () => binding.executeOp('MatMul', [], [a, b], 1);
    const before = binding.getNumOfTensors();
    expect(run).toThrow(TensorflowError);
    expect(run).toThrow(
      expect.objectContaining({ subject: 'MatMul', code: 3, codeName: 'INVALID_ARGUMENT' }),
    );
    expect(binding.getNumOfTensors()).toBe(before);
    for (const id of [a, b]) binding.deleteTensor(id);
    expect(() => binding.executeOp('NoSuchOp', [], [], 0)).toThrow(
      expect.objectContaining({ codeName: 'NOT_FOUND' }),
    );
  });

  describe('features of tfjs-node', () => {
    test('concatenate string tensors', () => {
      const before = tf.memory().numTensors;
      const words = tf.tensor(['short', 'é'.repeat(30)]);
      const both = tf.concat([words, words]);
      expect(both.dataSync()).toEqual(['short', 'é'.repeat(30), 'short', 'é'.repeat(30)]);
      tf.dispose([words, both]);
      expect(tf.memory().numTensors).toBe(before);
    });

    test('encode and decode images', async () => {
      const { encodePng, decodeImage } = require('@tensorflow/tfjs-node/dist/image');
      const image = tf.tensor3d([0, 50, 100, 150, 200, 255], [1, 2, 3], 'int32');
      const png: Uint8Array = await encodePng(image);
      expect([...png.slice(1, 4)]).toEqual([...bytes('PNG')]);
      const decoded: Tensor = decodeImage(png);
      expect(decoded.shape).toEqual([1, 2, 3]);
      expect(decoded.dataSync()).toEqual(Int32Array.of(0, 50, 100, 150, 200, 255));
      tf.dispose([image, decoded]);
    });

    test('write summaries that Python reads', () => {
      const { summaryFileWriter } = require('@tensorflow/tfjs-node/dist/tensorboard');
      const logdir = mkdtempSync(join(tmpdir(), 'binding-summaries-'));
      const writer = summaryFileWriter(logdir);
      for (let step = 0; step < 3; step++) writer.scalar('loss', 1 / (step + 1), step);
      writer.histogram('weights', tf.tensor1d([1, 2, 3, 4]), 2);
      writer.flush();
      const [file = ''] = readdirSync(logdir);
      const events = runPython(
        python,
        `
import json, sys
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
out = []
for event in EventFileLoader(sys.argv[1]).Load():
    for value in event.summary.value:
        numbers = value.tensor.float_val
        out.append([event.step, value.tag, value.metadata.plugin_data.plugin_name, round(numbers[0], 4) if numbers else None])
print(json.dumps(out))
`,
        [join(logdir, file)],
      );
      expect(events).toEqual([
        [0, 'loss', 'scalars', 1],
        [1, 'loss', 'scalars', 0.5],
        [2, 'loss', 'scalars', 0.3333],
        [2, 'weights', 'histograms', null],
      ]);
    });

    test('predict with a SavedModel from Python', async () => {
      const { loadSavedModel } = require('@tensorflow/tfjs-node/dist/saved_model');
      const directory: string = runPython(
        python,
        `
import json, tempfile, tensorflow as tf
class Model(tf.Module):
    def __init__(self): self.w = tf.Variable([[2.0], [3.0]])
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x"), tf.TensorSpec([None], tf.int64, name="n")])
    def __call__(self, x, n): return {"y": x @ self.w, "n": tf.cast(n + 1, tf.int32)}
path = tempfile.mkdtemp()
model = Model()
tf.saved_model.save(model, path, signatures=model.__call__)
print(json.dumps(path))
`,
      );
      const before = binding.getNumOfTensors();
      const model = await loadSavedModel(directory, ['serve'], 'serving_default');
      expect(binding.getNumOfSavedModels()).toBe(1);
      const x = tf.tensor2d([[10, 1]]);
      const n = tf.tensor1d([41], 'int32');
      for (let run = 0; run < 3; run++) {
        const { y, n: next } = model.predict({ x, n });
        expect(y.dataSync()).toEqual(Float32Array.of(23));
        expect(next.dataSync()).toEqual(Int32Array.of(42));
        tf.dispose([y, next]);
      }
      tf.dispose([x, n]);
      model.dispose();
      expect(binding.getNumOfSavedModels()).toBe(0);
      expect(binding.getNumOfTensors()).toBe(before);
      expect(() => binding.runSavedModel(99, [], '', '')).toThrow(/savedmodel_id: 99/);
      expect(() => binding.loadSavedModel(`${directory}-not`, 'serve')).toThrow(TensorflowError);
      expect(binding.getNumOfSavedModels()).toBe(0);
    });
  });

  test('two thousand training steps keep as many tensors as one', async () => {
    const tensorflow = await loadLibtensorflow({ path });
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, activation: 'relu', inputShape: [3] }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const optimizer = tf.train.adam(0.01);
    const x = tf.randomUniform([5, 3], 0, 1, 'float32', 1);
    const y = tf.oneHot(tf.tensor1d([0, 1, 0, 1, 1], 'int32'), 2);
    const step = () => {
      const loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(y, model.apply(x) as Tensor2D).asScalar(),
        true,
      );
      const [value = Number.NaN] = loss?.dataSync() ?? [];
      loss?.dispose();
      return value;
    };
    const first = step();
    step();
    const held = { ...tensorflow.liveHandles(), tensors: tf.memory().numTensors };
    let last = first;
    for (let count = 0; count < 2000; count++) last = step();
    expect({ ...tensorflow.liveHandles(), tensors: tf.memory().numTensors }).toEqual(held);
    expect(last).toBeLessThan(first);
  });

  test('closing frees the remaining tensors once', async () => {
    const tensorflow = await loadLibtensorflow({ path });
    const before = tensorflow.liveHandles();
    const other = tensorflow.tfjsBinding();
    for (let count = 0; count < 10; count++) {
      other.createTensor([], other.TF_FLOAT, Float32Array.of(count));
    }
    expect(tensorflow.liveHandles().TensorHandle).toBe(before.TensorHandle + 10);
    expect(other.isUsingGpuDevice()).toBe(other.device.includes('GPU'));
    other.close();
    other.close();
    expect(tensorflow.liveHandles()).toEqual(before);
    expect(() => other.createTensor([], 1, Float32Array.of(1))).toThrow(ClosedHandleError);
    expect(() => other.executeOp('NoOp', [], [], 0)).toThrow(ClosedHandleError);
  });
});
