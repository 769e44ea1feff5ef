import { join } from 'node:path';
import { SummaryOptionError } from './errors';
import type { SummaryRecorder } from './summary-recorder';
import { SummaryWriter } from './summary-writer';
import type { DeviceTensor } from './tensor-like';

/** A model whose weights can be read, as a tfjs LayersModel's. */
export interface WeightedModel {
  readonly weights: readonly { readonly name: string; read(): DeviceTensor }[];
}

/** When a callback records, and what. */
export interface TensorBoardCallbackOptions {
  /** `batch`, `epoch`, or every so many batches; epochs are recorded in each case. `epoch` by default. */
  readonly updateFreq?: 'batch' | 'epoch' | number | undefined;
  /** Every so many epochs the weights' histograms are recorded; 0, the default, is never. */
  readonly histogramFreq?: number | undefined;
  /** Whose weights; needed for `histogramFreq` unless tfjs calls `setModel`. */
  readonly model?: WeightedModel | undefined;
}

/** Losses and metrics, as tfjs hands them to a callback. */
export type Logs = Readonly<Record<string, number | DeviceTensor>>;

/** What tfjs-layers calls while a model is fitted. */
export interface TensorBoardCallback {
  setParams(params: unknown): void;
  /** tfjs calls it only where the callback stands behind one of its own. */
  setModel(model: WeightedModel): void;
  onTrainBegin(logs?: Logs): Promise<void>;
  onTrainEnd(logs?: Logs): Promise<void>;
  onEpochBegin(epoch: number, logs?: Logs): Promise<void>;
  onEpochEnd(epoch: number, logs?: Logs): Promise<void>;
  onBatchBegin(batch: number, logs?: Logs): Promise<void>;
  onBatchEnd(batch: number, logs?: Logs): Promise<void>;
}

/** What tfjs counts in its logs beside losses and metrics. */
const COUNTS = new Set(['batch', 'size', 'num_steps']);
const VALIDATION = 'val_';

const isCount = (value: number) => Number.isInteger(value) && value >= 0;

const readOptions = ({ updateFreq = 'epoch', histogramFreq = 0 }: TensorBoardCallbackOptions) => {
  const isBatches = typeof updateFreq === 'number' && isCount(updateFreq) && updateFreq > 0;
  if (updateFreq !== 'batch' && updateFreq !== 'epoch' && !isBatches) {
    const expected = "'batch', 'epoch' or a whole number of batches";
    throw new SummaryOptionError('updateFreq', expected, updateFreq, "Leave it out for 'epoch'.");
  }
  if (!isCount(histogramFreq)) {
    const expected = 'a whole number of epochs, 0 or more';
    throw new SummaryOptionError('histogramFreq', expected, histogramFreq, 'Leave it out for 0.');
  }
  const batches = updateFreq === 'batch' ? 1 : updateFreq === 'epoch' ? Infinity : updateFreq;
  return { batches, histogramFreq };
};

/** The two runs of a fitted model, each opened when something is first recorded. */
class FitRuns {
  readonly #open = new Map<string, SummaryWriter>();

  constructor(private readonly logDir: string) {}

  get(name: 'train' | 'val'): SummaryRecorder {
    const run = this.#open.get(name) ?? new SummaryWriter(join(this.logDir, name));
    this.#open.set(name, run);
    return run;
  }

  /** As tfjs-node: `batch_loss` of training, `epoch_loss` of either. */
  record(logs: Logs, prefix: string, step: number): void {
    for (const [name, value] of Object.entries(logs)) {
      if (COUNTS.has(name)) continue;
      const isValidation = name.startsWith(VALIDATION);
      const metric = isValidation ? name.slice(VALIDATION.length) : name;
      this.get(isValidation ? 'val' : 'train').scalar(prefix + metric, value, step);
    }
  }

  async close(): Promise<void> {
    const runs = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(runs.map((run) => run.close()));
  }
}

/**
 * Records losses and metrics while tfjs fits a model, as `tf.node.tensorBoard()` does, on any
 * backend: training to `<logDir>/train`, validation to `<logDir>/val`.
 *
 * @throws SummaryOptionError; `fit` rejects with it when histograms are asked for without a model
 */
export const tensorBoardCallback = (
  logDir = './logs',
  options: TensorBoardCallbackOptions = {},
): TensorBoardCallback => {
  const { batches, histogramFreq } = readOptions(options);
  const runs = new FitRuns(logDir);
  let { model } = options;
  let batchesSeen = 0;

  // tfjs takes these functions off the object, so none of them may depend on `this`.
  return {
    setParams: () => {},
    setModel: (fitted) => {
      model ??= fitted;
    },
    onTrainBegin: async () => {
      if (histogramFreq === 0 || model) return;
      const fix = 'Pass the model that is fitted as well.';
      throw new SummaryOptionError('model', 'a model for histogramFreq', model, fix);
    },
    onTrainEnd: () => runs.close(),
    onEpochBegin: async () => {},
    onEpochEnd: async (epoch, logs = {}) => {
      runs.record(logs, 'epoch_', epoch + 1);
      if (histogramFreq === 0 || epoch % histogramFreq !== 0) return;
      for (const weight of model?.weights ?? []) {
        runs.get('train').histogram(weight.name, weight.read(), epoch);
      }
    },
    onBatchBegin: async () => {},
    onBatchEnd: async (_batch, logs = {}) => {
      batchesSeen += 1;
      if (batchesSeen % batches === 0) runs.record(logs, 'batch_', batchesSeen);
    },
  };
};
