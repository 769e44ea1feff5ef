import {
  type AssignmentMap,
  matchVariables,
  openCheckpoint,
  readMatches,
  type VariableReport,
} from '@elistimator/checkpoint';
import {
  type AnyModelFn,
  type CheckpointTensor,
  Estimator,
  type EstimatorOptions,
  OptionError,
  type ParamsOf,
  type ParamsOption,
} from '@elistimator/core';
import {
  assertArguments,
  assertKnownKeys,
  checkAsyncMethods,
  kinds,
  options as optionsOf,
  required,
} from '@elistimator/internal';
import { assertSessionArgs, defaultPorts, type PortOptions, type SaverArgs } from './default-ports';
import { existingModelDir, openModelDir } from './model-dir';

/** The options of an Elistimator. `params` is required if the model function needs parameters. */
export type ElistimatorOptions<Fn extends AnyModelFn> = PortOptions & {
  /** Null for the model that a directory holds as a graph; `recover()` must then be called first. */
  readonly modelFn: Fn | null;
  /**
   * The directory for checkpoints and logs, as a path or a `file:` URL. It is created if its parent
   * exists. Default: a new temporary directory, which stays until the user removes it.
   */
  readonly modelDir?: string | URL | undefined;
} & ParamsOption<Fn>;

/** The options of `Elistimator.fromDisk()`. */
export interface FromDiskOptions<Fn extends AnyModelFn> extends PortOptions {
  /** A path or a `file:` URL. */
  readonly modelDir: string | URL;
  /** Default: none; the model is the graph that the checkpoint holds. */
  readonly modelFn?: Fn | undefined;
  /** Default: the parameters that the directory stores, as far as JSON can represent them. */
  readonly params?: ParamsOf<Fn> | undefined;
  /** Restore the best checkpoint instead of the latest. Default: false. */
  readonly fromBest?: boolean | undefined;
  /**
   * Keep the learning rate and other hyperparameters that the model function creates its optimizer with,
   * instead of those saved with the checkpoint. Default: false.
   */
  readonly keepHyperparameters?: boolean | undefined;
}

/** The options of `warmStart()`. */
export interface WarmStartOptions {
  readonly assignmentMap?: AssignmentMap | undefined;
  readonly cast?: boolean | undefined;
}

/** The options that the constructor and `fromDisk()` share. */
interface CommonOptions extends PortOptions {
  readonly modelFn?: AnyModelFn | null | undefined;
  readonly modelDir?: string | URL | undefined;
  readonly params?: unknown;
}

const commonKeys = {
  modelFn: true,
  modelDir: true,
  params: true,
  sessionArgs: true,
  progress: true,
  checkpointBackend: true,
  summaries: true,
} as const;

const assertOptions = (
  subject: string,
  options: CommonOptions,
  keys: { readonly [key: string]: true },
): void =>
  assertKnownKeys<object>(subject, options, keys, (explanation) => new OptionError(explanation));

/**
 * Trains, validates, evaluates and predicts with one model, in a loop that the user writes.
 *
 * Keeps TensorFlow checkpoints and TensorBoard logs in `modelDir`, shows a progress bar, and runs on the
 * fastest backend of the machine, unless the options say otherwise.
 *
 * @typeParam Fn the type of the model function, from which features, parameters, metrics and outputs
 *   are inferred
 * @example
 * const estimator = new Elistimator({ modelFn, modelDir, params });
 * await estimator.setup({ trainInputFn, validationInputFn });
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   const { accuracy, loss } = await estimator.train().validate();
 *   await estimator.saveCkpt();
 * }
 */
export class Elistimator<Fn extends AnyModelFn = AnyModelFn> extends Estimator<Fn, SaverArgs> {
  /**
   * @throws OptionError for an unknown option or an invalid value
   * @throws ModelDirError when the parent of `modelDir` does not exist
   */
  constructor(options: ElistimatorOptions<Fn>) {
    assertArguments('new Elistimator()', arguments, { options: required() });
    assertOptions('Elistimator', options, commonKeys);
    const { modelFn, params, modelDir, sessionArgs } = options;
    assertSessionArgs(sessionArgs);
    const estimatorOptions = {
      modelFn,
      params,
      seed: sessionArgs?.seed,
      execution: sessionArgs?.execution,
    };
    super(estimatorOptions as EstimatorOptions<Fn>, defaultPorts(openModelDir(modelDir), options));
  }

  /**
   * Starts from the values of another model's checkpoint, ours or TensorFlow's. Call it after `setup()`.
   * Optimizer state and counters do not change.
   *
   * @param prefix the checkpoint's prefix, without `.index`
   * @param options.assignmentMap selects and renames, like TensorFlow's `init_from_checkpoint`. Default:
   *   every variable takes the tensor with its own name
   * @param options.cast converts tensors of other dtypes, such as bfloat16, float16 and float64, to those of
   *   the variables; the report says which. Default: false
   * @returns which variables were assigned, and which were not and why
   * @throws what `@elistimator/checkpoint` throws when the checkpoint is missing or damaged, or when the
   *   map contains unknown names; then nothing has changed
   */
  async warmStart(
    prefix: string,
    { assignmentMap, cast }: WarmStartOptions = {},
  ): Promise<VariableReport> {
    const reader = await openCheckpoint(prefix);
    const report = matchVariables(reader.variables(), this.graph.variables, assignmentMap, {
      cast,
    });
    const tensors = await readMatches(reader, report.matched);
    // Tensors that match have a dtype of tfjs.
    await this.assignVariables(tensors as readonly CheckpointTensor[]);
    return report;
  }

  /**
   * Starts again from the directory of an earlier run: input signature, variables, optimizer state,
   * hyperparameters, rounds. Afterwards `predict()` and `evaluate()` work; `train()` and `validate()`
   * need `setup()`.
   *
   * Without a modelFn, the model is the graph in the checkpoint. A type-only import of the model function
   * gives its types. With a modelFn, the code runs, and differences from the graph
   * are printed.
   *
   * It starts from the checkpoint saved last, and skips damaged ones with a message. A checkpoint with its
   * `.meta` file is enough: if `elistimator_meta` is missing or damaged, a message says so.
   *
   * @throws NoCheckpointError when the directory holds no checkpoint
   * @throws NotReadyError without a modelFn, when the model could not be traced; the message says why
   * @example
   * import type { modelFn } from './model';
   * const estimator = await Elistimator.fromDisk<typeof modelFn>({ modelDir });
   */
  static async fromDisk<Fn extends AnyModelFn = AnyModelFn>(
    options: FromDiskOptions<Fn>,
  ): Promise<Elistimator<Fn>> {
    const keys = { ...commonKeys, fromBest: true, keepHyperparameters: true } as const;
    assertOptions('fromDisk()', options, keys);
    const { fromBest, keepHyperparameters, modelFn = null, ...rest } = options;
    const modelDir = existingModelDir(options.modelDir);
    // Parameters that are absent are read from the directory.
    const constructorOptions = { ...rest, modelFn, modelDir } as ElistimatorOptions<Fn>;
    const estimator = new Elistimator<Fn>(constructorOptions);
    return estimator.recover({ fromBest, keepHyperparameters });
  }
}

checkAsyncMethods(Elistimator.prototype, '', {
  warmStart: {
    prefix: required(kinds.string),
    options: optionsOf<WarmStartOptions>({ assignmentMap: true, cast: kinds.boolean }),
  },
});
checkAsyncMethods(Elistimator, '', { fromDisk: { options: required() } });
