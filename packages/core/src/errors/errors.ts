import {
  ExplainedError,
  ExplainedRangeError,
  ExplainedTypeError,
  type Explanation,
  listNames,
} from '@elistimator/internal';

/** A method was called before the model, an input function or a spec that it needs exists. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** An option or argument has the wrong type, an unknown name, or a value out of range. */
export class OptionError extends ExplainedRangeError {
  override readonly name = 'OptionError';
}

/** The model function does not keep its contract. */
export class ModelFnError extends ExplainedTypeError {
  override readonly name = 'ModelFnError';
}

/** A function that belongs inside a model function (`layers.*`, `summary.*`, …) was called outside one. */
export class OutsideModelFnError extends ExplainedError {
  override readonly name = 'OutsideModelFnError';

  /** @param caller the function that was called, such as `layers.dense()` */
  constructor(caller: string) {
    super({
      subject: caller,
      expected: 'a call inside a model function',
      actual: 'a call outside of one',
      fix: 'Call it in the model function, or in a function that a spec holds.',
    });
  }
}

/** The input signature has no feature of this name. */
export class UnknownFeatureError extends ExplainedRangeError {
  override readonly name = 'UnknownFeatureError';

  constructor(
    readonly feature: string,
    featureNames: readonly string[],
  ) {
    super({
      subject: `feature "${feature}"`,
      expected: `one of ${listNames(featureNames, featureNames.length)}`,
      actual: 'a name that the input functions do not provide',
      fix: 'Use a name of the input signature.',
    });
  }
}

/** The model function read a feature that this prediction was not given. */
export class MissingFeatureError extends ExplainedRangeError {
  override readonly name = 'MissingFeatureError';

  constructor(
    readonly feature: string,
    available: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      {
        subject: `feature "${feature}"`,
        expected: 'a value, since the model function reads it',
        actual:
          available.length === 0 ? 'no features' : `only ${listNames(available, available.length)}`,
        fix: `Pass "${feature}" as well, or read it inside a function of the spec that needs it: \`new TrainSpec({ loss: () => … features.${feature} … })\`.`,
      },
      options,
    );
  }
}

/** How training went on after a loss that is not finite. */
export interface NonFiniteLossDetails {
  /** The last step that was taken. */
  readonly lastStep: number;
  /** Whether `restoreLatestCkpt()` has a checkpoint to restore, all values of which are finite. */
  readonly canRestore: boolean;
}

/**
 * The training loss became NaN or infinite. Losses are read back every 16 steps at the latest, so at most
 * 15 further steps were taken.
 */
export class NonFiniteLossError extends ExplainedRangeError {
  override readonly name = 'NonFiniteLossError';

  constructor(
    /** The first step whose loss is not finite. */
    readonly globalStep: number,
    readonly loss: number,
    { lastStep, canRestore }: NonFiniteLossDetails,
  ) {
    super({
      subject: `loss at global step ${globalStep}`,
      expected: 'a finite number',
      actual: `${loss}, which was noticed after global step ${lastStep}`,
      fix: `${
        canRestore
          ? 'Call restoreLatestCkpt() to return to the last finite checkpoint, and lower the learning rate'
          : 'No finite checkpoint is stored: start again with a lower learning rate'
      }, or check the data. To continue regardless, set \`nanPolicy: 'warn'\` in setup().`,
    });
  }
}

/** A model with NaN or infinite values, or whose last loss is one, was not saved. */
export class NonFiniteCheckpointError extends ExplainedRangeError {
  override readonly name = 'NonFiniteCheckpointError';
  /** The first variable or slot with such a value; undefined if only the loss is not finite. */
  readonly variable: string | undefined;

  constructor(
    readonly globalStep: number,
    wrong: { readonly variable: string; readonly value: number } | undefined,
    loss: { readonly globalStep: number; readonly value: number } | undefined,
  ) {
    const reasons = [
      wrong && `a value of ${wrong.value} in "${wrong.variable}"`,
      loss && `a loss of ${loss.value} at global step ${loss.globalStep}`,
    ];
    super({
      subject: `checkpoint at global step ${globalStep}`,
      expected: 'finite values and a finite loss',
      actual: reasons.filter((reason) => reason !== undefined).join(' and '),
      fix: 'To save it regardless, call saveCkpt({ allowNonFinite: true }): it is then marked, and never chosen as the latest or the best.',
    });
    this.variable = wrong?.variable;
  }
}

/** The directory holds no checkpoint that can be restored. */
export class NoCheckpointError extends RangeError {
  override readonly name = 'NoCheckpointError';
}

/** The directory holds checkpoints of another training run, which this one would overwrite. */
export class ModelDirInUseError extends ExplainedError {
  override readonly name = 'ModelDirInUseError';

  constructor(modelDir: string, lastStep: number) {
    super({
      subject: `modelDir ${modelDir}`,
      expected: 'a directory without checkpoints, or one of its checkpoints to be restored first',
      actual: `checkpoints of an earlier run up to global step ${lastStep}`,
      fix: 'Resume that run with fromDisk({ modelDir }) or restoreLatestCkpt(), or choose another modelDir.',
    });
  }
}

/** A checkpoint was saved elsewhere since this estimator saved or restored one: it would train on from an older state. */
export class ModelDirChangedError extends ExplainedError {
  override readonly name = 'ModelDirChangedError';

  constructor(
    readonly modelDir: string,
    /** The global step of the checkpoint that was saved elsewhere. */
    readonly savedStep: number,
    /** The global step of this estimator. */
    readonly globalStep: number,
  ) {
    super({
      subject: `modelDir ${modelDir}`,
      expected: `no other checkpoints than when this estimator, which is at global step ${globalStep}, saved or restored one`,
      actual: `one of global step ${savedStep}, which was saved elsewhere since`,
      fix: 'Continue from it with restoreLatestCkpt(), or abandon it deliberately with restoreCkpt(prefix).',
    });
  }
}

/** A checkpoint, or a value to assign, does not fit the model's variables. */
export class VariableMismatchError extends ExplainedTypeError {
  override readonly name = 'VariableMismatchError';

  constructor(
    readonly variable: string,
    explanation: Omit<Explanation, 'subject'>,
  ) {
    super({ subject: `variable "${variable}"`, ...explanation });
  }
}

/** `predict()` was called in none of its forms, or in several at once. */
export class PredictArgumentsError extends ExplainedTypeError {
  override readonly name = 'PredictArgumentsError';

  constructor(actual: string) {
    super({
      subject: 'predict()',
      expected: 'exactly one of { inputFn }, features by name, or positional features',
      actual,
      fix: 'Call predict({ inputFn }), predict({ images }) or predict(images).',
    });
  }
}

/** What the model directory stores about its training run can't be used. */
export class StateError extends ExplainedError {
  override readonly name = 'StateError';
}
