import * as tf from '@tensorflow/tfjs';
import { explain } from '../errors';
import type { SetupOptions, TrainOptions } from './options';

/** An option that has the wrong type or is out of range. */
export class OptionError extends RangeError {
  override readonly name = 'OptionError';
}

const reject = (subject: string, expected: string, actual: unknown, fix: string): never => {
  const text = typeof actual === 'string' ? `"${actual}"` : String(actual);
  throw new OptionError(explain({ subject, expected, actual: text, fix }));
};

/** @throws OptionError when an input function is none */
export const checkInputFn = (method: string, name: string, value: unknown): void => {
  if (typeof value === 'function') return;
  reject(
    `${name} of ${method}()`,
    'a function without arguments that returns a dataset',
    typeof value,
    `Wrap the dataset: { ${name}: () => dataset }.`,
  );
};

const checkPositive = (subject: string, value: unknown): void => {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)) return;
  reject(subject, 'a whole number above 0', value, 'Leave it out for the default.');
};

/** @throws OptionError that names the option, what it takes and what it got */
export const checkSetup = (options: SetupOptions): void => {
  checkInputFn('setup', 'trainInputFn', options?.trainInputFn);
  if (options.validationInputFn !== undefined) {
    checkInputFn('setup', 'validationInputFn', options.validationInputFn);
  }
  checkPositive('summarySteps of setup()', options.summarySteps);
  const { nanPolicy, saveWhen } = options;
  if (saveWhen !== undefined && typeof saveWhen?.shouldSave !== 'function') {
    reject(
      'saveWhen of setup()',
      'a trigger, as saveEveryNSteps(500)',
      typeof saveWhen,
      'A trigger of your own is an object with the method shouldSave.',
    );
  }
  if (nanPolicy !== undefined && nanPolicy !== 'throw' && nanPolicy !== 'warn') {
    reject('nanPolicy of setup()', "'throw' or 'warn'", nanPolicy, 'Leave it out to throw.');
  }
};

/** @throws OptionError that names the option, what it takes and what it got */
export const checkTrain = (options: TrainOptions): void => {
  checkPositive('maxSteps of train()', options.maxSteps);
};

/** @throws OptionError when a seed is no whole number from 0 to 2^32 - 1 */
export const checkSeed = (seed: number | undefined): void => {
  if (seed === undefined || (Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 32)) return;
  reject('seed', 'a whole number from 0 to 4294967295', seed, 'Leave it out to draw one.');
};

/** @throws OptionError when there is neither a model function nor null */
export const checkModelFn = (modelFn: unknown): void => {
  if (typeof modelFn === 'function' || modelFn === null) return;
  reject('modelFn', 'a function of (features, isTraining, params)', typeof modelFn, 'Give one.');
};

/** @throws OptionError when a checkpoint's prefix is no text */
export const checkPrefix = (file: unknown): void => {
  if (typeof file === 'string' && file !== '') return;
  reject(
    'restoreCkpt()',
    "a checkpoint's prefix, as saveCkpt() returned it",
    file,
    'Take one of estimator.checkpoints.',
  );
};

/** @throws OptionError when a fetch is no text, or feeds are no dictionary */
export const checkRun = (fetches: unknown, feeds: unknown): void => {
  const names: readonly unknown[] = Array.isArray(fetches) ? fetches : [fetches];
  const wrong = names.findIndex((name) => typeof name !== 'string');
  if (wrong >= 0) {
    reject(
      'session.run()',
      "a tensor's name, or a list of names",
      names[wrong],
      'Take one of estimator.graph.operations.',
    );
  }
  const isTensor = feeds instanceof tf.Tensor;
  if (typeof feeds === 'object' && feeds !== null && !isTensor) return;
  const actual = isTensor ? 'tensor' : feeds;
  const fix = "Call session.run('softmax', { images }).";
  reject('feeds of session.run()', 'features by name', actual, fix);
};

/** @throws OptionError when it is no way to run training steps */
export const checkExecution = (execution: unknown): void => {
  if (execution === undefined || execution === 'eager' || execution === 'graph') return;
  reject('execution', "'eager' or 'graph'", execution, 'Leave it out for eager.');
};
