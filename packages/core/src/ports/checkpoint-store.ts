import type { SavedCheckpoint } from './save-trigger';

/** Element types that a checkpoint holds; the names are TensorFlow's and tfjs's own. */
export type CheckpointDType = 'float32' | 'int32' | 'int64' | 'bool' | 'string' | 'complex64';

/** A variable's value, outside any backend. */
export interface CheckpointTensor {
  /** The variable's name, as `conv2d/kernel`. */
  readonly name: string;
  readonly dtype: CheckpointDType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /**
   * Row-major values: Float32Array for float32 and complex64 (re, im pairs), Int32Array for int32,
   * BigInt64Array for int64, Uint8Array (0 or 1) for bool, byte strings for string.
   */
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array | readonly Uint8Array[];
}

/** Metric names and values, as validation gives them. */
export type CheckpointMetrics = Readonly<Record<string, number>>;

/** A checkpoint that can be restored. */
export interface CheckpointEntry {
  /** The checkpoint's prefix: `…/checkpoints/model_iter-3216`. */
  readonly file: string;
  /** Present once validation ran at the checkpoint's step. */
  readonly metrics?: CheckpointMetrics | undefined;
}

/** One save. */
export interface CheckpointSnapshot {
  readonly globalStep: number;
  readonly tensors: readonly CheckpointTensor[];
  readonly metrics?: CheckpointMetrics | undefined;
  /** What the estimator needs to start again from the directory; plain JSON, opaque to the store. */
  readonly state: unknown;
  /** Further files of this checkpoint, by the suffix of its prefix: the graph as `.meta`. */
  readonly attachments?: Readonly<Record<string, Uint8Array>> | undefined;
}

/**
 * Keeps checkpoints and decides which are kept. Every write is atomic: whenever the process dies,
 * the store restores to a checkpoint that is whole.
 */
export interface CheckpointStore {
  /** Reads what the store holds already. Called once, before anything else. */
  open(): Promise<void>;
  /**
   * Claims the place for writing, until `close`. Reading needs no claim.
   *
   * @throws when another process has it
   */
  acquire(): Promise<void>;
  /** By global step, ascending. A snapshot: it does not change under the caller's feet. */
  readonly checkpoints: ReadonlyMap<number, CheckpointEntry>;
  /** The checkpoints in the order in which they were saved. */
  readonly saved: readonly SavedCheckpoint[];
  /** What the last save handed over as `state`; undefined when nothing was ever saved. */
  readonly state: unknown;
  /** The prefix that the checkpoint of a step has, or would have. */
  fileOf(globalStep: number): string;
  /** Resolves to the checkpoint's prefix once it is safe, and old ones are pruned. */
  save(snapshot: CheckpointSnapshot): Promise<string>;
  /** Attaches metrics to the checkpoint of a step, on disk too. False when there is none of that step. */
  recordMetrics(globalStep: number, metrics: CheckpointMetrics): Promise<boolean>;
  /**
   * Reads every tensor of a checkpoint, verified.
   *
   * @param file a prefix, as `checkpoints` lists it
   * @throws when there is no such checkpoint, or when it is damaged: then an error of the name
   *   `CorruptCheckpointError`
   */
  read(file: string): Promise<readonly CheckpointTensor[]>;
  /**
   * Reads what was attached to a checkpoint, verified.
   *
   * @param suffix as `save` got it
   * @returns undefined when nothing was
   * @throws as `read` does when it is damaged
   */
  readAttachment(file: string, suffix: string): Promise<Uint8Array | undefined>;
  /** The entry with the greatest global step. */
  latest(): CheckpointEntry | undefined;
  /** The entry with the least validation loss; the latest when none has one. */
  best(): CheckpointEntry | undefined;
  /** Waits for what is under way and releases the directory. */
  close(): Promise<void>;
}
