import { join } from 'node:path';
import { checkedFunction, kinds, optional, options, pathOf } from '@elistimator/internal';
import { SummaryOptionError } from './errors';
import type { DeviceTensor } from './tensor-like';
import { SummaryWriter } from './writer/summary-writer';

/** A model with readable weights, such as a LayersModel of tfjs. */
export interface WeightedModel {
  readonly weights: readonly { readonly name: string; read(): DeviceTensor }[];
}

/** Options of {@link tensorBoardCallback}. */
export interface TensorBoardCallbackOptions {
  /**
   * Records losses and metrics after each epoch (`epoch`, the default), and in addition after each batch
   * (`batch`) or after a number of batches.
   */
  readonly updateFreq?: 'batch' | 'epoch' | number | undefined;
  /** Number of epochs between two histograms of the weights. Default: 0, which records none. */
  readonly histogramFreq?: number | undefined;
  /** The model whose weights are recorded. Required for `histogramFreq`, unless tfjs calls `setModel`. */
  readonly model?: WeightedModel | undefined;
}

/** Losses and metrics that tfjs passes to a callback. */
export type Logs = Readonly<Record<string, number | DeviceTensor>>;

/** The methods that tfjs calls while it fits a model. */
export interface TensorBoardCallback {
  setParams(params: unknown): void;
  /** tfjs calls it only if one of its own callbacks precedes this one. */
  setModel(model: WeightedModel): void;
  onTrainBegin(logs?: Logs): Promise<void>;
  onTrainEnd(logs?: Logs): Promise<void>;
  onEpochBegin(epoch: number, logs?: Logs): Promise<void>;
  onEpochEnd(epoch: number, logs?: Logs): Promise<void>;
  onBatchBegin(batch: number, logs?: Logs): Promise<void>;
  onBatchEnd(batch: number, logs?: Logs): Promise<void>;
}

/** Entries of the logs that are neither losses nor metrics. */
const COUNTS = new Set(['batch', 'size', 'num_steps']);
const VALIDATION_PREFIX = 'val_';

const isCount = (value: number) => Number.isInteger(value) && value >= 0;

const readOptions = ({ updateFreq = 'epoch', histogramFreq = 0 }: TensorBoardCallbackOptions) => {
  const isBatchCount = typeof updateFreq === 'number' && isCount(updateFreq) && updateFreq > 0;
  if (updateFreq !== 'batch' && updateFreq !== 'epoch' && !isBatchCount) {
    const expected = "'batch', 'epoch' or a positive integer number of batches";
    throw new SummaryOptionError('updateFreq', expected, updateFreq, "Omit it to use 'epoch'.");
  }
  if (!isCount(histogramFreq)) {
    const expected = 'a non-negative integer number of epochs';
    throw new SummaryOptionError('histogramFreq', expected, histogramFreq, 'Omit it to use 0.');
  }
  const batches = updateFreq === 'batch' ? 1 : updateFreq === 'epoch' ? Infinity : updateFreq;
  return { batches, histogramFreq };
};

/** The runs `train` and `val`, each of which is opened when something is first recorded. */
class FitRuns {
  readonly #open = new Map<string, SummaryWriter>();

  constructor(private readonly logDir: string) {}

  get(name: 'train' | 'val'): SummaryWriter {
    const writer = this.#open.get(name) ?? new SummaryWriter(join(this.logDir, name));
    this.#open.set(name, writer);
    return writer;
  }

  /** Uses the tags of tfjs-node: `batch_loss` for training, `epoch_loss` for training and validation. */
  record(logs: Logs, prefix: string, step: number): void {
    for (const [name, value] of Object.entries(logs)) {
      if (COUNTS.has(name)) continue;
      const isValidation = name.startsWith(VALIDATION_PREFIX);
      const metric = isValidation ? name.slice(VALIDATION_PREFIX.length) : name;
      this.get(isValidation ? 'val' : 'train').scalar(prefix + metric, value, step);
    }
  }

  async close(): Promise<void> {
    const writers = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(writers.map((writer) => writer.close()));
  }
}

/**
 * Creates a callback that records losses and metrics while tfjs fits a model, as
 * `tf.node.tensorBoard()` does, but on any backend. Training is recorded to `<logDir>/train`, validation
 * to `<logDir>/val`.
 *
 * @throws SummaryOptionError; `fit` rejects with it if `histogramFreq` is set without a model
 */
export const tensorBoardCallback = checkedFunction(
  'tensorBoardCallback()',
  {
    logDir: optional(),
    options: options<TensorBoardCallbackOptions>({
      updateFreq: true,
      histogramFreq: true,
      model: kinds.object,
    }),
  },
  (
    logDir: string | URL = './logs',
    callbackOptions: TensorBoardCallbackOptions = {},
  ): TensorBoardCallback => {
    const { batches, histogramFreq } = readOptions(callbackOptions);
    const runs = new FitRuns(pathOf(logDir, 'logDir'));
    let { model } = callbackOptions;
    let batchesSeen = 0;

    // tfjs detaches these functions from the object, so they must not use `this`.
    return {
      setParams: () => {},
      setModel: (fitted) => {
        model ??= fitted;
      },
      onTrainBegin: async () => {
        if (histogramFreq === 0 || model) return;
        const fix = 'Pass the model that is fitted, or set histogramFreq to 0.';
        throw new SummaryOptionError('model', 'a model for "histogramFreq"', model, fix);
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
  },
);
