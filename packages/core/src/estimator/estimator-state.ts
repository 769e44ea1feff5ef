import type { InputSignature } from '../dataset';
import { StateError } from '../errors';

/** What an estimator needs, beside its variables, to start again from its directory. Plain JSON. */
export interface EstimatorState {
  readonly version: 1;
  /** Finished rounds of training. */
  readonly rounds: number;
  /** Steps of the last round of training, for the next one's progress bar. */
  readonly trainSize?: number | undefined;
  /** Batches of the last round of validation. */
  readonly validationSize?: number | undefined;
  /** What all random numbers follow from. */
  readonly seed: number;
  readonly inputSignature: InputSignature;
  /** A shape of each feature that the model is known to take, the batch being 1. */
  readonly exampleShapes: Readonly<Record<string, readonly number[]>>;
  /** A value of each numeric feature that the model is known to take. */
  readonly exampleValues?: Readonly<Record<string, number>> | undefined;
  /** Names for the members of tuples, as `setup()` got them. */
  readonly dataKeys?: readonly string[] | undefined;
  /** What `setup()` got about which checkpoints to keep. */
  readonly saverArgs?: unknown;
  /** The parameters of the model function, when they can be told in JSON. */
  readonly params?: unknown;
  /** Whether there were parameters that can't. */
  readonly paramsAreLost?: boolean | undefined;
}

const invalid = (actual: string, fix: string): StateError =>
  new StateError({
    subject: 'state of the estimator in elistimator_meta',
    expected: 'what saveCkpt() wrote',
    actual,
    fix,
  });

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isSignature = (value: unknown): value is InputSignature =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (spec) =>
      typeof spec?.dtype === 'string' &&
      Array.isArray(spec.shape) &&
      spec.shape.every((size: unknown) => size === null || isCount(size)),
  );

const isShapes = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((shape) => Array.isArray(shape) && shape.every(isCount));

const isValues = (value: unknown): boolean =>
  value === undefined ||
  (typeof value === 'object' && value !== null && Object.values(value).every(Number.isFinite));

/**
 * Checks a state that was read from disk.
 *
 * @throws StateError when it is not one, or comes from a newer version
 */
export const parseState = (value: unknown): EstimatorState => {
  const state = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const {
    version,
    rounds,
    trainSize,
    validationSize,
    seed,
    inputSignature,
    exampleShapes,
    exampleValues,
    dataKeys,
  } = state;
  if (typeof version === 'number' && version > 1) {
    throw invalid(`version ${version}`, 'It was written by a newer elistimator: install that one.');
  }
  const problem = [
    [version === 1, 'version'],
    [isCount(rounds), 'rounds'],
    [trainSize === undefined || isCount(trainSize), 'trainSize'],
    [validationSize === undefined || isCount(validationSize), 'validationSize'],
    [isCount(seed), 'seed'],
    [isSignature(inputSignature), 'inputSignature'],
    [isShapes(exampleShapes), 'exampleShapes'],
    [isValues(exampleValues), 'exampleValues'],
    [dataKeys === undefined || Array.isArray(dataKeys), 'dataKeys'],
  ].find(([valid]) => !valid);
  if (problem !== undefined) {
    throw invalid(
      value === undefined ? 'nothing' : `a wrong or missing "${problem[1]}"`,
      'The checkpoints were written by other means: make the estimator with its constructor, call setup(), then restoreCkpt(prefix).',
    );
  }
  return state as unknown as EstimatorState;
};

/** A value if JSON can tell it whole, else undefined: a tensor or a function among it would be lost. */
export const jsonOrUndefined = (value: unknown): unknown => {
  const isPlain = (part: unknown, within: readonly unknown[]): boolean => {
    if (typeof part !== 'object' || part === null) {
      return part == null || ['string', 'boolean'].includes(typeof part) || Number.isFinite(part);
    }
    if (within.includes(part)) return false;
    const path = [...within, part];
    const prototype: unknown = Object.getPrototypeOf(part);
    const isContainer = Array.isArray(part) || prototype === Object.prototype || prototype === null;
    return isContainer && Object.values(part).every((inner) => isPlain(inner, path));
  };
  return isPlain(value, []) ? value : undefined;
};
