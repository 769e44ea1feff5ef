/** Element types of a checkpoint's tensors, by their TensorFlow names. */
export type CheckpointDType =
  | 'float32'
  | 'float64'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'string'
  | 'complex64';

/** A variable's value in host memory. */
export interface CheckpointTensor {
  /** The variable's name, such as `conv2d/kernel`. */
  readonly name: string;
  readonly dtype: CheckpointDType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /**
   * Row-major values: Float32Array for float32 and complex64 (re, im pairs), Float64Array for float64,
   * Int32Array for int32, BigInt64Array for int64, Uint8Array (0 or 1) for bool, byte strings for string.
   */
  readonly data:
    | Float32Array
    | Float64Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | readonly Uint8Array[];
}

/** Metric values of a validation, by name. */
export type CheckpointMetrics = Readonly<Record<string, number>>;

/** A checkpoint that can be restored. */
export interface CheckpointEntry {
  /** The checkpoint's prefix: `…/checkpoints/model_iter-3216`. */
  readonly file: string;
  /** Present once validation ran at the checkpoint's step. Frozen. */
  readonly metrics?: CheckpointMetrics | undefined;
  /**
   * True if training continued from an earlier checkpoint and saved another one since, so that the
   * checkpoint saved last does not descend from this one. It is restored only by its name.
   */
  readonly isAbandoned?: true | undefined;
  /** True if the model had NaN or infinite values when it was saved. It is restored only by its name. */
  readonly isNonFinite?: true | undefined;
}

/** A saved checkpoint, as triggers see it. */
export interface SavedCheckpoint {
  readonly globalStep: number;
  /**
   * When it was saved, in milliseconds since the epoch. If that is unknown, when it was read first. Reading
   * again gives the same time.
   */
  readonly savedAt: number;
  readonly metrics?: CheckpointMetrics | undefined;
  /** As in `CheckpointEntry`. */
  readonly isAbandoned?: true | undefined;
  /** As in `CheckpointEntry`. */
  readonly isNonFinite?: true | undefined;
}

/** Everything that one save writes. */
export interface CheckpointSnapshot {
  readonly globalStep: number;
  readonly tensors: readonly CheckpointTensor[];
  readonly metrics?: CheckpointMetrics | undefined;
  /**
   * The global step of the stored checkpoint from which training continued: the one saved or restored
   * last. If it is this step, the new checkpoint replaces that one, and continues from where it did. Null if
   * it started from none of the stored ones. Default: the checkpoint with the greatest
   * smaller global step, among the ancestors of the one saved last.
   */
  readonly parent?: number | null | undefined;
  /** True if the model's values are not finite. Default: whether a tensor has a NaN or infinite value. */
  readonly isNonFinite?: boolean | undefined;
  /** JSON that the estimator needs to start again from the directory; opaque to the store. */
  readonly state: unknown;
  /** Additional files of this checkpoint by the suffix of their names: the graph as `.meta`. */
  readonly attachments?: Readonly<Record<string, Uint8Array>> | undefined;
}

/**
 * Stores checkpoints and decides which to keep. Every write is atomic: whenever the process dies, an
 * intact checkpoint can be restored.
 */
export interface CheckpointStore {
  /**
   * Reads what the store holds. Called before anything else, and again whenever another process may have
   * saved since.
   */
  open(): Promise<void>;
  /**
   * Sets which checkpoints to keep and what the best one is. May be called again at any time.
   *
   * @param saverArgs the `trainSaverArgs` of `setup()`, or JSON that was stored of them; undefined for
   *   the defaults
   * @throws when they are invalid; then nothing has changed
   */
  configure(saverArgs: unknown): void;
  /**
   * What the last `open` or `acquire` found to be wrong with the store, as sentences for the user: damaged
   * metadata, a checkpoint without its data file. What is intact is listed all the same. Frozen.
   */
  readonly problems: readonly string[];
  /** The metrics by which the configuration ranks checkpoints, apart from the validation loss. */
  readonly rankedBy: readonly string[];
  /**
   * Claims the store for writing, until `close`, and reads what it holds now. Reading needs no claim.
   *
   * @throws when another process holds it
   */
  acquire(): Promise<void>;
  /** By ascending global step. A snapshot that later saves do not change. */
  readonly checkpoints: ReadonlyMap<number, CheckpointEntry>;
  /** All checkpoints in the order in which they were saved, abandoned ones too. */
  readonly saved: readonly SavedCheckpoint[];
  /** The `state` of the last save; undefined when nothing was ever saved. */
  readonly state: unknown;
  /** The prefix that the checkpoint of a step has, or would have. */
  fileOf(globalStep: number): string;
  /** Resolves to the checkpoint's prefix once it is on disk and old checkpoints are pruned. */
  save(snapshot: CheckpointSnapshot): Promise<string>;
  /** Attaches metrics to the stored checkpoint of a step. Resolves to false if there is none. */
  recordMetrics(globalStep: number, metrics: CheckpointMetrics): Promise<boolean>;
  /**
   * Reads and verifies every tensor of a checkpoint.
   *
   * @param file a prefix, as `checkpoints` lists it
   * @throws when there is no such checkpoint, or when it is damaged; see `isDamage`
   */
  read(file: string): Promise<readonly CheckpointTensor[]>;
  /**
   * Reads and verifies an attachment of a checkpoint.
   *
   * @param suffix as `save` got it
   * @returns undefined if the checkpoint has no such attachment
   * @throws when it is damaged; see `isDamage`
   */
  readAttachment(file: string, suffix: string): Promise<Uint8Array | undefined>;
  /** Whether an error of `read` or `readAttachment` means that a listed checkpoint is damaged or missing. */
  isDamage(error: unknown): boolean;
  /** The entry saved last, other than those that are abandoned or not finite. */
  latest(): CheckpointEntry | undefined;
  /**
   * The best entry: by default the least validation loss. The latest entry if none was validated, or none
   * with a finite value. Never one that is abandoned or not finite.
   *
   * @throws when validations are recorded, and none of them has the metric
   */
  best(): CheckpointEntry | undefined;
  /** Waits for writes in progress and releases the directory. */
  close(): Promise<void>;
}
