import { assertBlobName, type CheckpointBackend } from '../backends/checkpoint-backend';
import { fileSystemBackend } from '../backends/file-system';
import { InvalidCheckpointOptionError } from '../errors';
import { assertCount, assertPositive } from '../option-checks';
import { type CheckpointNaming, prefixOf } from './checkpoint-name';
import {
  anyOf,
  type KeepPolicy,
  keepAll,
  keepEveryNHours,
  keepLatestAndBest,
} from './keep-policies';
import { assertRanking, type Ranking } from './ranking';
import { assertVariableList, type VariableList } from './variable-list';

/** The part of the options that `CheckpointManager.configure()` can change. */
export interface CheckpointConfiguration {
  /** What stands before the step in a checkpoint's name; `model_iter` by default. */
  readonly filename?: string | undefined;
  /**
   * How many checkpoints stay, the newest and the best always among them; 5 by default, null (or 0, as in
   * TensorFlow) for all. With 1, both stay when they differ.
   */
  readonly maxToKeep?: number | null | undefined;
  /** Besides those, one stays whenever so many hours have gone by; none by default. */
  readonly keepCheckpointEveryNHours?: number | undefined;
  /** What to keep, instead of the two options above. The checkpoint just saved stays in any case. */
  readonly keep?: KeepPolicy | undefined;
  /** What `best()` ranks by; the least `loss` by default. */
  readonly best?: Ranking | undefined;
  /** Whether steps in names have at least eight digits; false by default. */
  readonly padStepNumber?: boolean | undefined;
  /** Whether the `checkpoint` file has relative paths, so that the directory can be moved; true by default. */
  readonly saveRelativePaths?: boolean | undefined;
  /** Which tensors of a snapshot are saved and restored, and under which keys; all by default. */
  readonly varList?: VariableList | undefined;
  /** The number of data files of a checkpoint; 1 by default. */
  readonly shards?: number | undefined;
}

/** Where a CheckpointManager stores checkpoints, and how. */
export interface CheckpointManagerOptions extends CheckpointConfiguration {
  /** Where to store checkpoints. Pass either this or `directory`. */
  readonly backend?: CheckpointBackend | undefined;
  /** A directory of the file system, created by the first save. */
  readonly directory?: string | undefined;
  /** The time in milliseconds since the epoch; `Date.now` by default. */
  readonly clock?: (() => number) | undefined;
}

/** The configuration with every default filled in. */
export interface ConfiguredSettings {
  readonly naming: CheckpointNaming;
  readonly keep: KeepPolicy;
  readonly best: Ranking;
  readonly saveRelativePaths: boolean;
  readonly varList: VariableList | undefined;
  readonly shards: number;
}

/** The options with every default filled in. */
export interface ManagerSettings extends ConfiguredSettings {
  readonly backend: CheckpointBackend;
  readonly clock: () => number;
}

const backendOf = ({ backend, directory }: CheckpointManagerOptions): CheckpointBackend => {
  if (backend !== undefined && directory === undefined) return backend;
  if (directory !== undefined && backend === undefined) return fileSystemBackend(directory);
  const actual = backend === undefined ? 'neither' : 'both';
  throw new InvalidCheckpointOptionError(
    'backend',
    'a backend or a directory',
    actual,
    'Give one of the two.',
  );
};

/** @throws InvalidCheckpointOptionError */
export const assertKeepOptions = ({
  maxToKeep,
  keepCheckpointEveryNHours,
}: CheckpointConfiguration): void => {
  if (maxToKeep !== undefined && maxToKeep !== null) assertCount('maxToKeep', maxToKeep, 0);
  if (keepCheckpointEveryNHours !== undefined)
    assertPositive('keepCheckpointEveryNHours', keepCheckpointEveryNHours);
};

const keepOf = (options: CheckpointConfiguration, best: Ranking): KeepPolicy => {
  const { keep, maxToKeep = 5, keepCheckpointEveryNHours } = options;
  assertKeepOptions(options);
  if (keep !== undefined) return keep;
  const latest =
    maxToKeep === null || maxToKeep === 0
      ? keepAll()
      : keepLatestAndBest({ n: maxToKeep, ...best });
  return keepCheckpointEveryNHours === undefined
    ? latest
    : anyOf(latest, keepEveryNHours(keepCheckpointEveryNHours));
};

/** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
export const configuredSettings = (options: CheckpointConfiguration): ConfiguredSettings => {
  const best = options.best ?? { metric: 'loss', mode: 'min' };
  assertRanking(best);
  const naming = {
    filename: options.filename ?? 'model_iter',
    padStepNumber: options.padStepNumber ?? false,
  };
  assertBlobName(prefixOf(naming, 0));
  if (options.varList !== undefined) assertVariableList(options.varList);
  return {
    naming,
    keep: keepOf(options, best),
    best,
    saveRelativePaths: options.saveRelativePaths ?? true,
    varList: options.varList,
    shards: options.shards ?? 1,
  };
};

/** @throws InvalidCheckpointOptionError, InvalidBlobNameError */
export const settingsOf = (options: CheckpointManagerOptions): ManagerSettings => ({
  ...configuredSettings(options),
  backend: backendOf(options),
  clock: options.clock ?? Date.now,
});

/** The arguments of TF1's `tf.train.Saver` that apply here, by their camel-case names. */
export type TrainSaverArgs = Pick<
  CheckpointConfiguration,
  | 'maxToKeep'
  | 'keepCheckpointEveryNHours'
  | 'padStepNumber'
  | 'varList'
  | 'saveRelativePaths'
  | 'filename'
>;

const known: readonly (keyof TrainSaverArgs)[] = [
  'maxToKeep',
  'keepCheckpointEveryNHours',
  'padStepNumber',
  'varList',
  'saveRelativePaths',
  'filename',
];

/**
 * Turns the arguments of TF1's Saver into the manager's options.
 *
 * @throws InvalidCheckpointOptionError for an argument that is unknown or out of range
 */
export const fromTrainSaverArgs = (args: TrainSaverArgs): TrainSaverArgs => {
  for (const key of Object.keys(args)) {
    if (!known.some((name) => name === key)) {
      throw new InvalidCheckpointOptionError('trainSaverArgs', known.join(', '), key, 'Remove it.');
    }
  }
  assertKeepOptions(args);
  return { ...args };
};
