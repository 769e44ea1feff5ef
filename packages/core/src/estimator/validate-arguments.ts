import { describeArgument, sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../errors';
import type { CheckpointTensor } from '../ports';

const reject = (subject: string, expected: string, actual: unknown, fix: string): never => {
  throw new OptionError({ subject, expected, actual: describeArgument(actual), fix });
};

/** The name of a file of a checkpoint: its prefix, and what follows it. */
const checkpointFile = /^(.+)\.(?:index|meta|data-\d{5}-of-\d{5})$/;

const howToName = (file: unknown): string => {
  const [, prefix] = (typeof file === 'string' && checkpointFile.exec(file)) || [];
  if (prefix !== undefined) return `Pass the prefix: ${JSON.stringify(prefix)}.`;
  if (typeof file === 'number') return `Pass estimator.checkpoints.get(${file}).file.`;
  const isEntry = typeof file === 'object' && file !== null && 'file' in file;
  return isEntry ? 'Pass its "file".' : 'Use the "file" of an entry of estimator.checkpoints.';
};

/** @throws OptionError when a checkpoint's prefix is not a string, or is the name of one of its files */
export const assertPrefix = (file: unknown): void => {
  const isPrefix = typeof file === 'string' && file !== '' && !checkpointFile.test(file);
  if (isPrefix) return;
  const expected = "a checkpoint's prefix, as saveCkpt() returns it";
  reject('restoreCkpt()', expected, file, howToName(file));
};

/** @throws OptionError when a fetch is not a string, or feeds are not an object */
export const assertFetches = (fetches: unknown, feeds: unknown): void => {
  const names: readonly unknown[] = Array.isArray(fetches) ? fetches : [fetches];
  const wrong = names.findIndex((name) => typeof name !== 'string');
  if (wrong >= 0) {
    reject(
      'session.run()',
      "a tensor's name, or a list of names",
      names[wrong],
      'Use one of estimator.graph.operations.',
    );
  }
  const isDictionary =
    typeof feeds === 'object' &&
    feeds !== null &&
    !Array.isArray(feeds) &&
    !ArrayBuffer.isView(feeds) &&
    !(feeds instanceof tf.Tensor);
  if (isDictionary) return;
  const fix = "Call session.run('softmax', { images }).";
  reject('feeds of session.run()', 'features by name', feeds, fix);
};

const isCheckpointTensor = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'dtype' in value &&
  'shape' in value &&
  Array.isArray(value.shape) &&
  'data' in value;

/** The class of the values of each dtype that variables can have. */
const dataClasses = new Map<string, { new (size: number): ArrayLike<unknown> }>([
  ['float32', Float32Array],
  ['int32', Int32Array],
  ['bool', Uint8Array],
  ['int64', BigInt64Array],
  ['complex64', Float32Array],
  ['string', Array],
]);

/** Checks the values against dtype and shape. Other dtypes are left to the comparison with the variable. */
const assertData = ({ name, dtype, shape, data }: CheckpointTensor, index: number): void => {
  const dataClass = dataClasses.get(dtype);
  if (dataClass === undefined) return;
  const size = sizeOf(shape) * (dtype === 'complex64' ? 2 : 1);
  if (data instanceof dataClass && data.length === size) return;
  const kind = Object.prototype.toString.call(data).slice('[object '.length, -1);
  throw new OptionError({
    subject: `data of tensor ${index} of assignVariables(), "${name}"`,
    expected: `${dataClass.name} of ${size} values, for ${dtype} of shape [${shape}]`,
    actual: 'length' in data ? `${kind} of ${data.length} values` : describeArgument(data),
    fix: 'Convert the values, or correct dtype and shape.',
  });
};

/**
 * Copies values to assign, so that the caller can reuse its arrays: some backends would share their memory.
 *
 * @throws OptionError when they do not fit their dtype and shape, or a name occurs twice
 */
export const copyCheckpointTensors = (tensors: readonly CheckpointTensor[]): CheckpointTensor[] => {
  assertCheckpointTensors(tensors);
  const names = new Set<string>();
  return tensors.map((tensor, index) => {
    const { name, dtype, shape, data } = tensor;
    assertData(tensor, index);
    if (names.has(name)) {
      const fix = 'Pass one value for each variable.';
      reject(`tensor ${index} of assignVariables()`, 'names that differ', name, fix);
    }
    names.add(name);
    // The method slice() of a Buffer would share its memory.
    const copy = data instanceof Uint8Array ? new Uint8Array(data) : data.slice();
    return { name, dtype, shape: [...shape], data: copy };
  });
};

/** @throws OptionError when values to assign are not a list of named values */
const assertCheckpointTensors = (tensors: unknown): void => {
  const list: readonly unknown[] | undefined = Array.isArray(tensors) ? tensors : undefined;
  const wrong = list?.findIndex((tensor) => !isCheckpointTensor(tensor)) ?? 0;
  if (wrong < 0) return;
  reject(
    list ? `tensor ${wrong} of assignVariables()` : 'assignVariables()',
    list ? '{ name, dtype, shape, data }' : 'a list of { name, dtype, shape, data }',
    list ? list[wrong] : tensors,
    'To assign a tf.Tensor, call session.assign(name, tensor).',
  );
};

/** @throws OptionError when a value to assign is not a tensor in use */
export const assertAssigned = (name: unknown, value: unknown): void => {
  if (typeof name !== 'string') {
    reject('session.assign()', 'the name of a variable', name, 'Use one of session.variables.');
  }
  const fix = "Call session.assign('dense/bias', tf.zeros([4])).";
  if (!(value instanceof tf.Tensor)) reject('value of session.assign()', 'a tensor', value, fix);
  else if (value.isDisposed) {
    throw new OptionError({
      subject: 'value of session.assign()',
      expected: 'a tensor in use',
      actual: 'a tensor that was disposed',
      fix: 'Dispose it after the call.',
    });
  }
};
