import { describeArgument } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../errors';

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

/** @throws OptionError when values to assign are not a list of named values */
export const assertCheckpointTensors = (tensors: unknown): void => {
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

/** @throws OptionError when a value to assign is not a tensor */
export const assertAssigned = (name: unknown, value: unknown): void => {
  if (typeof name !== 'string') {
    reject('session.assign()', 'the name of a variable', name, 'Use one of session.variables.');
  }
  if (value instanceof tf.Tensor) return;
  reject(
    'value of session.assign()',
    'a tensor',
    value,
    "Call session.assign('dense/bias', tf.zeros([4])).",
  );
};
