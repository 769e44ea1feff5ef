import type { DataType } from '@tensorflow/tfjs';
import type { InputSignature } from '../dataset';
import { StateError } from '../errors';
import type { Examples } from './examples';

/** What a directory stores of a training run, in addition to its checkpoints. Plain JSON. */
export interface StoredRun {
  readonly version: 1;
  /** Finished rounds of training, for checkpoints that do not contain the position themselves. */
  readonly rounds?: number | undefined;
  /** Steps of the last complete round of training. */
  readonly trainSize?: number | undefined;
  /** Batches of the last round of validation. */
  readonly validationSize?: number | undefined;
  /** Determines all random numbers. */
  readonly seed: number;
  readonly inputSignature: InputSignature;
  /** Features that the model is known to accept. */
  readonly examples: Examples;
  /** Names for the members of tuples, as passed to `setup()`. */
  readonly dataKeys?: readonly string[] | undefined;
  /** The `trainSaverArgs` of `setup()`; the store that takes them validates them. */
  readonly saverArgs?: unknown;
  /** The model function's parameters; undefined if JSON can't represent them. */
  readonly params?: unknown;
  /** Whether there were parameters that JSON can't represent. */
  readonly paramsAreLost?: boolean | undefined;
}

/** The form on disk, in which the examples are two members. */
export const stringifiableRun = ({ examples, ...run }: StoredRun): unknown => ({
  ...run,
  exampleShapes: examples.shapes,
  exampleValues: examples.values,
});

/** The part that is stored with the graph of each checkpoint too: what two saves rarely differ in. */
export const lastingPart = ({
  rounds: _,
  trainSize: __,
  validationSize: ___,
  ...lasting
}: StoredRun): StoredRun => lasting;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(isCount);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const dtypes: readonly DataType[] = ['float32', 'int32', 'bool', 'string', 'complex64'];

/** The name of the first invalid member. */
class InvalidMember extends Error {}

/** Reads a member, or throws InvalidMember. */
const member = <T>(fields: Fields, name: string, parse: (value: unknown) => T | undefined): T => {
  const value = parse(fields[name]);
  if (value !== undefined) return value;
  throw new InvalidMember(name);
};

const optional = <T>(
  fields: Fields,
  name: string,
  parse: (value: unknown) => T | undefined,
): T | undefined => (fields[name] === undefined ? undefined : member(fields, name, parse));

const count = (value: unknown) => (isCount(value) ? value : undefined);

/** Maps each member of an object; undefined if one of them is invalid. */
const record = <T>(
  value: unknown,
  parse: (item: unknown) => T | undefined,
): Record<string, T> | undefined => {
  if (!isFields(value)) return undefined;
  const parsed: Record<string, T> = {};
  for (const [name, item] of Object.entries(value)) {
    const result = parse(item);
    if (result === undefined) return undefined;
    parsed[name] = result;
  }
  return parsed;
};

const spec = (value: unknown): InputSignature[string] | undefined => {
  if (!isFields(value) || !Array.isArray(value.shape)) return undefined;
  const dtype = dtypes.find((known) => known === value.dtype);
  const shape: (number | null)[] = [];
  for (const size of value.shape) {
    if (size !== null && !isCount(size)) return undefined;
    shape.push(size);
  }
  return dtype && { dtype, shape };
};

const finite = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const readRun = (fields: Fields): StoredRun => {
  if (fields.version !== 1) throw new InvalidMember('version');
  return {
    version: 1,
    rounds: optional(fields, 'rounds', count),
    trainSize: optional(fields, 'trainSize', count),
    validationSize: optional(fields, 'validationSize', count),
    seed: member(fields, 'seed', count),
    inputSignature: member(fields, 'inputSignature', (value) => record(value, spec)),
    examples: {
      shapes: member(fields, 'exampleShapes', (value) =>
        record(value, (shape) => (isCounts(shape) ? shape : undefined)),
      ),
      values: optional(fields, 'exampleValues', (value) => record(value, finite)) ?? {},
    },
    dataKeys: optional(fields, 'dataKeys', (value) => (isStrings(value) ? value : undefined)),
    saverArgs: fields.saverArgs,
    params: fields.params,
    paramsAreLost: fields.paramsAreLost === true,
  };
};

/** A stored run, or why there is none. */
export type ParsedRun =
  | { readonly run: StoredRun; readonly problem?: undefined }
  | { readonly run?: undefined; readonly problem: string };

/**
 * Parses what a directory stores of a training run.
 *
 * @throws StateError when it was written by a newer version
 */
export const parseStoredRun = (value: unknown): ParsedRun => {
  const fields: Fields = isFields(value) ? value : {};
  const { version } = fields;
  if (typeof version === 'number' && version > 1) {
    throw new StateError({
      subject: 'state of the estimator in elistimator_meta',
      expected: 'what saveCkpt() wrote',
      actual: `version ${version}`,
      fix: 'It was written by a newer elistimator: upgrade to that version.',
    });
  }
  try {
    return { run: readRun(fields) };
  } catch (error) {
    if (!(error instanceof InvalidMember)) throw error;
    return {
      problem: value === undefined ? 'nothing' : `a wrong or missing "${error.message}"`,
    };
  }
};

/** The value if JSON can represent it; undefined if it contains a tensor, a function, or the like. */
export const jsonOrUndefined = (value: unknown): unknown => {
  const isPlain = (part: unknown, ancestors: readonly unknown[]): boolean => {
    if (typeof part !== 'object' || part === null) {
      return part == null || ['string', 'boolean'].includes(typeof part) || Number.isFinite(part);
    }
    if (ancestors.includes(part)) return false;
    const path = [...ancestors, part];
    const prototype: unknown = Object.getPrototypeOf(part);
    const isContainer = Array.isArray(part) || prototype === Object.prototype || prototype === null;
    return isContainer && Object.values(part).every((inner) => isPlain(inner, path));
  };
  return isPlain(value, []) ? value : undefined;
};
