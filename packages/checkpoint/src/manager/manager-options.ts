import { assertKnownKeys, checkedFunction, required } from '@elistimator/internal';
import {
  assertBackend,
  assertBlobName,
  type CheckpointBackend,
} from '../backends/checkpoint-backend';
import { fileSystemBackend } from '../backends/file-system';
import { InvalidCheckpointOptionError, show } from '../errors';
import {
  assertBoolean,
  assertInteger,
  assertPositive,
  assertString,
  MOST_SHARDS,
} from '../option-checks';
import { type CheckpointNaming, prefixOf } from './checkpoint-name';
import {
  isKeepPolicy,
  type KeepPolicy,
  keepAll,
  keepAnyOf,
  keepEveryNHours,
  keepLatestAndBest,
} from './keep-policies';
import { assertRanking, type Ranking } from './ranking';
import { copyVariableList, type VariableList } from './variable-list';

/** The arguments of TF1's `tf.train.Saver` that apply here, in camel case. */
export interface TrainSaverArgs {
  /**
   * How many checkpoints to keep, always including the newest and the best. Default: 5; null or 0 keeps all.
   * With 1, both are kept if they differ.
   */
  readonly maxToKeep?: number | null | undefined;
  /** Also keeps one checkpoint every so many hours. Default: none. */
  readonly keepCheckpointEveryNHours?: number | undefined;
  /** Pads steps in names to at least eight digits. Default: false. */
  readonly padStepNumber?: boolean | undefined;
  /** Which tensors to save and restore, and under which keys. Default: all, under their own names. */
  readonly varList?: VariableList | undefined;
  /** Writes relative paths into the `checkpoint` file, so that the directory can be moved. Default: true. */
  readonly saveRelativePaths?: boolean | undefined;
  /** The part of a checkpoint's name before the step. Default: `model_iter`. */
  readonly filename?: string | undefined;
}

/** The options that `CheckpointManager.configure()` can replace. */
export interface CheckpointConfiguration extends TrainSaverArgs {
  /** Which checkpoints to keep, instead of `maxToKeep` and `keepCheckpointEveryNHours`. The newest is always kept. */
  readonly keep?: KeepPolicy | undefined;
  /** What `best()` ranks by. Default: the least `loss`. */
  readonly best?: Ranking | undefined;
  /** The number of data files per checkpoint. Default: 1. */
  readonly shards?: number | undefined;
}

/** Where and how a CheckpointManager stores checkpoints. */
export interface CheckpointManagerOptions extends CheckpointConfiguration {
  /** Where to store checkpoints. Pass either this or `directory`. */
  readonly backend?: CheckpointBackend | undefined;
  /** A directory of the file system as a path or a `file:` URL, created by the first save. */
  readonly directory?: string | URL | undefined;
  /** The current time in milliseconds since the epoch. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

export interface ConfiguredSettings {
  readonly naming: CheckpointNaming;
  readonly keep: KeepPolicy;
  readonly best: Ranking;
  readonly saveRelativePaths: boolean;
  readonly varList: VariableList | undefined;
  readonly shards: number;
  /** The metrics that `best` and `keep` rank by, apart from the loss, which every validation has. */
  readonly rankedBy: readonly string[];
}

export interface ManagerSettings extends ConfiguredSettings {
  readonly backend: CheckpointBackend;
  readonly clock: () => number;
}

const saverArgNames = {
  maxToKeep: true,
  keepCheckpointEveryNHours: true,
  padStepNumber: true,
  varList: true,
  saveRelativePaths: true,
  filename: true,
} as const;

const configurationNames = { ...saverArgNames, keep: true, best: true, shards: true } as const;

const assertOptionNames = <Options extends object>(
  option: string,
  options: Options,
  names: { readonly [Name in keyof Required<Options>]: true },
): void =>
  assertKnownKeys(
    option,
    options,
    names,
    ({ expected, actual, fix }) => new InvalidCheckpointOptionError(option, expected, actual, fix),
  );

/** @throws InvalidCheckpointOptionError */
const assertKeepArgs = ({ maxToKeep, keepCheckpointEveryNHours }: TrainSaverArgs): void => {
  if (maxToKeep !== undefined && maxToKeep !== null) assertInteger('maxToKeep', maxToKeep, 0);
  if (keepCheckpointEveryNHours !== undefined)
    assertPositive('keepCheckpointEveryNHours', keepCheckpointEveryNHours);
};

/**
 * Checks the arguments of TF1's Saver and returns them as options of a CheckpointManager.
 *
 * @throws InvalidCheckpointOptionError if an argument is unknown or out of range
 */
export const fromTrainSaverArgs = checkedFunction(
  'fromTrainSaverArgs()',
  { args: required() },
  (args: TrainSaverArgs): TrainSaverArgs => {
    assertOptionNames('trainSaverArgs', args, saverArgNames);
    assertKeepArgs(args);
    return { ...args };
  },
);

const keepPolicyOf = (
  { keep, maxToKeep = 5, keepCheckpointEveryNHours }: CheckpointConfiguration,
  best: Ranking,
): KeepPolicy => {
  if (keep !== undefined) {
    if (isKeepPolicy(keep)) return keep;
    throw new InvalidCheckpointOptionError(
      'keep',
      'a policy, which is an object with the method keep()',
      show(keep),
      'Pass one such as keepLatest(3).',
    );
  }
  const latest =
    maxToKeep === null || maxToKeep === 0
      ? keepAll()
      : keepLatestAndBest({ n: maxToKeep, ...best });
  return keepCheckpointEveryNHours === undefined
    ? latest
    : keepAnyOf(latest, keepEveryNHours(keepCheckpointEveryNHours));
};

/** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
export const configuredSettings = (options: CheckpointConfiguration = {}): ConfiguredSettings => {
  assertOptionNames('CheckpointManagerOptions', options, configurationNames);
  assertKeepArgs(options);
  const ranking = options.best ?? { metric: 'loss', mode: 'min' };
  assertRanking(ranking);
  const best = { ...ranking };
  const { filename = 'model_iter', padStepNumber = false, saveRelativePaths = true } = options;
  assertString('filename', filename);
  assertBoolean('padStepNumber', padStepNumber);
  assertBoolean('saveRelativePaths', saveRelativePaths);
  const naming = { filename, padStepNumber };
  assertBlobName(prefixOf(naming, 0));
  const varList = options.varList && copyVariableList(options.varList);
  const { shards = 1 } = options;
  assertInteger('shards', shards, 1, MOST_SHARDS);
  const keep = keepPolicyOf(options, best);
  const rankedBy = new Set([best.metric, ...(keep.rankedBy ?? [])]);
  rankedBy.delete('loss');
  return {
    naming,
    keep,
    best,
    saveRelativePaths,
    varList,
    shards,
    rankedBy: Object.freeze([...rankedBy]),
  };
};

const assertClock = (clock: unknown): void => {
  if (typeof clock === 'function') return;
  throw new InvalidCheckpointOptionError(
    'clock',
    'a function that returns milliseconds since the epoch',
    show(clock),
    'Pass one such as Date.now.',
  );
};

const backendOf = ({ backend, directory }: CheckpointManagerOptions): CheckpointBackend => {
  if (backend !== undefined && directory === undefined) {
    assertBackend(backend);
    return backend;
  }
  if (directory !== undefined && backend === undefined) return fileSystemBackend(directory);
  throw new InvalidCheckpointOptionError(
    'backend',
    'either a backend or a directory',
    backend === undefined ? 'neither' : 'both',
    'Pass "backend" or "directory".',
  );
};

/** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
export const managerSettings = (options: CheckpointManagerOptions): ManagerSettings => {
  const { backend: _, directory: __, clock = Date.now, ...configuration } = options;
  assertClock(clock);
  return { ...configuredSettings(configuration), backend: backendOf(options), clock };
};
