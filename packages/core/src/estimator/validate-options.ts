import { assertKnownKeys, type Explanation } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { OptionError } from '../errors';
import { type Execution, executionNames } from '../execution/step-executor';
import type { AnyModelFn } from '../specs';
import type {
  EvaluateOptions,
  RecoverOptions,
  RestoreCkptOptions,
  RestoreOptions,
  SaveCkptOptions,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';

const fail = (explanation: Explanation): OptionError => new OptionError(explanation);

const reject = (subject: string, expected: string, actual: unknown, fix: string): never => {
  const text = typeof actual === 'string' ? `"${actual}"` : String(actual);
  throw new OptionError({ subject, expected, actual: text, fix });
};

/** @throws OptionError when an input function is not a function */
export const assertInputFn = (method: string, name: string, value: unknown): void => {
  if (typeof value === 'function') return;
  reject(
    `${name} of ${method}()`,
    'a function without arguments that returns a dataset',
    typeof value,
    `Wrap the dataset: { ${name}: () => dataset }.`,
  );
};

const assertCount = (subject: string, value: unknown): void => {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0)) return;
  reject(subject, 'a whole number above 0', value, 'Omit it for the default.');
};

const assertBoolean = (subject: string, value: unknown): void => {
  if (value === undefined || typeof value === 'boolean') return;
  reject(subject, 'true or false', value, 'Omit it for the default.');
};

const assertSignal = (method: string, signal: unknown): void => {
  if (signal === undefined || signal instanceof AbortSignal) return;
  reject(`signal of ${method}()`, 'an AbortSignal', typeof signal, 'Pass controller.signal.');
};

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertSetupOptions = (options: SetupOptions): void => {
  assertKnownKeys<SetupOptions>(
    'setup()',
    options,
    {
      trainInputFn: true,
      validationInputFn: true,
      dataKeys: true,
      trainSaverArgs: true,
      saveWhen: true,
      saveInBackground: true,
      summarySteps: true,
      nanPolicy: true,
      inputShapes: true,
    },
    fail,
  );
  assertInputFn('setup', 'trainInputFn', options?.trainInputFn);
  if (options.validationInputFn !== undefined) {
    assertInputFn('setup', 'validationInputFn', options.validationInputFn);
  }
  assertCount('summarySteps of setup()', options.summarySteps);
  assertBoolean('saveInBackground of setup()', options.saveInBackground);
  const { nanPolicy, saveWhen } = options;
  if (saveWhen !== undefined && typeof saveWhen?.shouldSave !== 'function') {
    reject(
      'saveWhen of setup()',
      'a trigger, such as saveEveryNSteps(500)',
      typeof saveWhen,
      'A custom trigger is an object with a method shouldSave.',
    );
  }
  if (nanPolicy !== undefined && nanPolicy !== 'throw' && nanPolicy !== 'warn') {
    reject('nanPolicy of setup()', "'throw' or 'warn'", nanPolicy, 'Omit it to throw.');
  }
};

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertTrainOptions = (options: TrainOptions): void => {
  assertKnownKeys<TrainOptions>('train()', options, { maxSteps: true, signal: true }, fail);
  assertCount('maxSteps of train()', options.maxSteps);
  assertSignal('train', options.signal);
};

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertValidateOptions = (options: ValidateOptions): void => {
  assertKnownKeys<ValidateOptions>('validate()', options, { signal: true }, fail);
  assertSignal('validate', options.signal);
};

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertEvaluateOptions = (options: EvaluateOptions): void => {
  assertKnownKeys<EvaluateOptions>(
    'evaluate()',
    options,
    { inputFn: true, isTraining: true, signal: true },
    fail,
  );
  assertInputFn('evaluate', 'inputFn', options?.inputFn);
  assertBoolean('isTraining of evaluate()', options.isTraining);
  assertSignal('evaluate', options.signal);
};

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertSaveOptions = (options: SaveCkptOptions): void => {
  assertKnownKeys<SaveCkptOptions>('saveCkpt()', options, { allowNonFinite: true }, fail);
  assertBoolean('allowNonFinite of saveCkpt()', options.allowNonFinite);
};

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertRestoreOptions = (
  method: string,
  options: RestoreOptions | RestoreCkptOptions | RecoverOptions,
  known: { readonly fallback?: true; readonly fromBest?: true } = {},
): void => {
  const keys = { keepHyperparameters: true, ...known } as const;
  assertKnownKeys<object>(method, options, keys, fail);
  for (const [name, value] of Object.entries(options)) assertBoolean(`${name} of ${method}`, value);
};

/** The options of an estimator's constructor, before they are checked. */
export interface UncheckedEstimatorOptions {
  readonly modelFn: AnyModelFn | null;
  readonly params?: unknown;
  readonly seed?: number | undefined;
  readonly execution?: Execution | undefined;
}

/** @throws OptionError naming the option, what it accepts and what was found */
export const assertEstimatorOptions = (options: UncheckedEstimatorOptions): void => {
  assertKnownKeys<UncheckedEstimatorOptions>(
    'the estimator',
    options,
    { modelFn: true, params: true, seed: true, execution: true },
    fail,
  );
  const { modelFn, seed, execution } = options;
  if (typeof modelFn !== 'function' && modelFn !== null) {
    reject('modelFn', 'a function of (features, isTraining, params)', typeof modelFn, 'Pass one.');
  }
  const isSeed = Number.isSafeInteger(seed) && Number(seed) >= 0 && Number(seed) < 2 ** 32;
  if (seed !== undefined && !isSeed) {
    reject('seed', 'a whole number from 0 to 4294967295', seed, 'Omit it to draw one at random.');
  }
  const isExecution =
    typeof execution === 'function' || executionNames.some((name) => name === execution);
  if (execution !== undefined && !isExecution) {
    const names = executionNames.map((name) => `'${name}'`).join(', ');
    reject('execution', `one of ${names}, or a function`, execution, "Omit it for 'eager'.");
  }
};

/** @throws OptionError when a checkpoint's prefix is not a string */
export const assertPrefix = (file: unknown): void => {
  if (typeof file === 'string' && file !== '') return;
  reject(
    'restoreCkpt()',
    "a checkpoint's prefix, as saveCkpt() returns it",
    file,
    'Use one of estimator.checkpoints.',
  );
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
  const isTensor = feeds instanceof tf.Tensor;
  if (typeof feeds === 'object' && feeds !== null && !isTensor) return;
  const actual = isTensor ? 'tensor' : feeds;
  const fix = "Call session.run('softmax', { images }).";
  reject('feeds of session.run()', 'features by name', actual, fix);
};
