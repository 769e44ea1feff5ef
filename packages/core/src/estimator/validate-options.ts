import { assertKnownKeys, describeArgument, type Explanation } from '@elistimator/internal';
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
  throw new OptionError({ subject, expected, actual: describeArgument(actual), fix });
};

/** @throws OptionError when an input function is not a function */
export const assertInputFn = (method: string, name: string, value: unknown): void => {
  if (typeof value === 'function') return;
  reject(
    `${name} of ${method}()`,
    'a function without arguments that returns a dataset',
    value,
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
  reject(`signal of ${method}()`, 'an AbortSignal', signal, 'Pass controller.signal.');
};

const isStringList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const assertDataKeys = (dataKeys: unknown): void => {
  if (dataKeys === undefined || isStringList(dataKeys)) return;
  reject(
    'dataKeys of setup()',
    'a list of names',
    dataKeys,
    "Pass a name for each member of the dataset's tuples: ['images', 'labels'].",
  );
};

const isShape = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((size) => size === null || (Number.isSafeInteger(size) && Number(size) >= 0));

const assertInputShapes = (shapes: unknown): void => {
  if (shapes === undefined) return;
  const isObject = typeof shapes === 'object' && shapes !== null && !Array.isArray(shapes);
  const wrong = Object.entries(isObject ? shapes : {}).find(([, shape]) => !isShape(shape));
  if (isObject && wrong === undefined) return;
  reject(
    wrong ? `inputShapes.${wrong[0]} of setup()` : 'inputShapes of setup()',
    wrong ? 'a shape: a list of sizes, or null for sizes that vary' : 'shapes by feature name',
    wrong ? wrong[1] : shapes,
    'Pass { tokens: [null, null] }, for example.',
  );
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
  assertDataKeys(options.dataKeys);
  assertInputShapes(options.inputShapes);
  const { nanPolicy, saveWhen } = options;
  if (saveWhen !== undefined && typeof saveWhen?.shouldSave !== 'function') {
    reject(
      'saveWhen of setup()',
      'a trigger, such as saveEveryNSteps(500)',
      saveWhen,
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
    reject('modelFn', 'a function of (features, isTraining, params)', modelFn, 'Pass one.');
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
