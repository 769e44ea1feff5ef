import { type CheckpointBackend, fileSystemBackend } from '../backends';
import { assertBlobName } from '../backends/blob-name';
import { InvalidCheckpointOptionError } from '../errors';
import {
  anyOf,
  assertRanking,
  type KeepPolicy,
  keepAll,
  keepEveryNHours,
  keepLatestAndBest,
  type Ranking,
} from '../policies';
import { type CheckpointNaming, prefixOf } from './checkpoint-name';
import { assertVariableList, type VariableList } from './variable-list';

/** How a CheckpointManager keeps checkpoints. */
export interface CheckpointManagerOptions {
  /** Where checkpoints lie. Give this or `directory`. */
  readonly backend?: CheckpointBackend | undefined;
  /** A directory of the file system; made at the first save. */
  readonly directory?: string | undefined;
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
  /** The time in milliseconds since the epoch; `Date.now` by default. */
  readonly clock?: (() => number) | undefined;
}

/** The options with every default filled in. */
export interface ManagerSettings {
  readonly backend: CheckpointBackend;
  readonly naming: CheckpointNaming;
  readonly keep: KeepPolicy;
  readonly best: Ranking;
  readonly saveRelativePaths: boolean;
  readonly varList: VariableList | undefined;
  readonly shards: number;
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

const keepOf = (options: CheckpointManagerOptions, best: Ranking): KeepPolicy => {
  const { keep, maxToKeep = 5, keepCheckpointEveryNHours } = options;
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
export const settingsOf = (options: CheckpointManagerOptions): ManagerSettings => {
  const best = options.best ?? { metric: 'loss', mode: 'min' };
  assertRanking(best);
  const naming = {
    filename: options.filename ?? 'model_iter',
    padStepNumber: options.padStepNumber ?? false,
  };
  assertBlobName(prefixOf(naming, 0));
  if (options.varList !== undefined) assertVariableList(options.varList);
  return {
    backend: backendOf(options),
    naming,
    keep: keepOf(options, best),
    best,
    saveRelativePaths: options.saveRelativePaths ?? true,
    varList: options.varList,
    shards: options.shards ?? 1,
    clock: options.clock ?? Date.now,
  };
};
