import { type Explanation, explain } from './explain';

/** A method was called before what it needs exists: an input function, or a spec of the model function. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';
}

/** The model function gave something else than its contract asks for. */
export class ModelFnError extends TypeError {
  override readonly name = 'ModelFnError';
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
  }
}

/** A function that belongs inside a model function (`layers.*`, `summary.*`, …) was called outside one. */
export class OutsideModelFnError extends Error {
  override readonly name = 'OutsideModelFnError';
  constructor(what: string) {
    super(
      explain({
        subject: what,
        expected: 'a call inside a model function',
        actual: 'a call outside any',
        fix: 'Call it in the model function, or in a function that a spec holds.',
      }),
    );
  }
}

/** A feature that the input signature does not have. */
export class UnknownFeatureError extends RangeError {
  override readonly name = 'UnknownFeatureError';
  constructor(
    readonly feature: string,
    signature: readonly string[],
  ) {
    super(
      explain({
        subject: `feature "${feature}"`,
        expected: `one of ${signature.map((name) => `"${name}"`).join(', ')}`,
        actual: 'a name that the input functions do not give',
        fix: 'Use a name of the input signature.',
      }),
    );
  }
}

/** The model function read a feature that this prediction was not given. */
export class MissingFeatureError extends RangeError {
  override readonly name = 'MissingFeatureError';
  constructor(
    readonly feature: string,
    given: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      explain({
        subject: `feature "${feature}"`,
        expected: 'a value, since the model function reads it',
        actual:
          given.length === 0
            ? 'no features'
            : `${given.map((name) => `"${name}"`).join(', ')} only`,
        fix: `Give "${feature}" too, or read it inside a function of the spec that needs it: \`new TrainSpec({ loss: () => … features.${feature} … })\`.`,
      }),
      options,
    );
  }
}

/** The training loss became NaN or infinite. */
export class NonFiniteLossError extends RangeError {
  override readonly name = 'NonFiniteLossError';
  constructor(
    /** The first step whose loss is not finite. */
    readonly globalStep: number,
    readonly loss: number,
  ) {
    super(
      explain({
        subject: `loss at global step ${globalStep}`,
        expected: 'a finite number',
        actual: String(loss),
        fix: "Restore a checkpoint and lower the learning rate, or look at the data; `nanPolicy: 'warn'` in setup() goes on regardless.",
      }),
    );
  }
}

/** There is no checkpoint to restore. */
export class NoCheckpointError extends RangeError {
  override readonly name = 'NoCheckpointError';
}

/** The directory holds checkpoints of another run, which this one would overwrite. */
export class ModelDirInUseError extends Error {
  override readonly name = 'ModelDirInUseError';
  constructor(modelDir: string, lastStep: number) {
    super(
      explain({
        subject: `modelDir ${modelDir}`,
        expected: 'no checkpoints, or to go on from one of them',
        actual: `checkpoints of an earlier run up to global step ${lastStep}`,
        fix: 'Go on with it by fromDisk({ modelDir }) or restoreLatestCkpt(), or give another modelDir.',
      }),
    );
  }
}

/** A checkpoint does not fit the model. */
export class VariableMismatchError extends TypeError {
  override readonly name = 'VariableMismatchError';
  constructor(
    readonly variable: string,
    explanation: Omit<Explanation, 'subject'>,
  ) {
    super(explain({ subject: `variable "${variable}"`, ...explanation }));
  }
}

/** `predict()` was called with none, or more than one, of its three forms. */
export class PredictArgumentsError extends TypeError {
  override readonly name = 'PredictArgumentsError';
  constructor(actual: string) {
    super(
      explain({
        subject: 'predict()',
        expected: 'exactly one of { inputFn }, features by name, or positional features',
        actual,
        fix: 'Call predict({ inputFn }), predict({ images }) or predict(images).',
      }),
    );
  }
}

/** What a model directory says of its estimator can't be used. */
export class StateError extends Error {
  override readonly name = 'StateError';
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
  }
}
