import {
  type AssignmentMap,
  matchVariables,
  openCheckpoint,
  readMatches,
  type VariableReport,
} from '@elistimator/checkpoint';
import {
  type CheckpointTensor,
  Estimator,
  type EstimatorOptions,
  type MetricMap,
  type ModelFn,
  type OutputMap,
} from '@elistimator/core';
import { defaultPorts, type PortOptions, type SaverArgs } from './default-ports';
import { existingModelDir, openModelDir } from './model-dir';

/** What an Elistimator is made of. */
export interface ElistimatorOptions<
  F,
  P,
  M extends MetricMap = MetricMap,
  O extends OutputMap = OutputMap,
> extends Omit<EstimatorOptions<F, P, M, O>, 'seed' | 'execution'>,
    PortOptions {
  /**
   * Where checkpoints and logs go; made when its parent exists. Default: a new temporary directory,
   * which stays until you remove it.
   */
  readonly modelDir?: string | undefined;
}

/** What `Elistimator.fromDisk()` takes. */
export interface FromDiskOptions<
  F,
  P,
  M extends MetricMap = MetricMap,
  O extends OutputMap = OutputMap,
> extends Omit<ElistimatorOptions<F, P, M, O>, 'modelDir' | 'modelFn'> {
  readonly modelDir: string;
  readonly modelFn?: ModelFn<F, P, M, O> | undefined;
  /** Take the checkpoint with the least validation loss, instead of the latest. */
  readonly fromBest?: boolean | undefined;
}

/**
 * Trains, validates, evaluates and predicts with one model, in a loop that is yours.
 *
 * Keeps TensorFlow checkpoints and TensorBoard logs in `modelDir`, shows a progress bar, and runs on
 * the fastest backend of this machine, unless the options say otherwise.
 *
 * @example
 * const estimator = new Elistimator({ modelFn, modelDir, params });
 * await estimator.setup({ trainInputFn, validationInputFn });
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   const { accuracy, loss } = await estimator.train().validate();
 *   await estimator.saveCkpt();
 * }
 */
export class Elistimator<
  F,
  P = Record<string, never>,
  M extends MetricMap = MetricMap,
  O extends OutputMap = OutputMap,
> extends Estimator<F, P, M, O, SaverArgs> {
  /** @throws ModelDirError when the parent of `modelDir` is missing */
  constructor(options: ElistimatorOptions<F, P, M, O>) {
    const { modelFn, params, sessionArgs } = options;
    super(
      { modelFn, params, seed: sessionArgs?.seed, execution: sessionArgs?.execution },
      defaultPorts(openModelDir(options.modelDir), options),
    );
  }

  /**
   * Starts from values of another model's checkpoint, ours or TensorFlow's: call it after `setup()`.
   * Optimizer state and counters stay as they are.
   *
   * @param prefix the checkpoint's prefix, without `.index`
   * @param options.assignmentMap picks and renames, as TensorFlow's `init_from_checkpoint` has it; by
   *   default every variable takes the tensor of its own name
   * @returns what was taken over, and what was not, and why
   * @throws what `@elistimator/checkpoint` throws for a checkpoint that is missing or damaged, or a map
   *   that names what is not there; then nothing has changed
   */
  async warmStart(
    prefix: string,
    { assignmentMap }: { readonly assignmentMap?: AssignmentMap | undefined } = {},
  ): Promise<VariableReport> {
    const reader = await openCheckpoint(prefix);
    const report = matchVariables(reader.variables(), this.graph.variables, assignmentMap);
    const tensors = await readMatches(reader, report.matched);
    // What matches has a dtype that a variable of tfjs can have.
    await this.assignVariables(tensors as readonly CheckpointTensor[]);
    return report;
  }

  /**
   * Starts again from the directory of an earlier run: signature, variables, optimizer state, rounds.
   * Afterwards `predict()` and `evaluate()` work; `train()` and `validate()` need `setup()`.
   *
   * Without a modelFn the model is the graph that the checkpoint holds. With one, the code runs, and
   * what differs from that graph is said.
   *
   * @throws NoCheckpointError when the directory holds none
   * @throws NotReadyError without a modelFn, when the model could not be traced; it says why
   */
  static async fromDisk<F, P, M extends MetricMap, O extends OutputMap>(
    options: FromDiskOptions<F, P, M, O>,
  ): Promise<Elistimator<F, P, M, O>> {
    const { modelFn = null, fromBest } = options;
    const modelDir = existingModelDir(options.modelDir);
    const estimator = new Elistimator<F, P, M, O>({ ...options, modelFn, modelDir });
    return estimator.recover({ fromBest });
  }
}
