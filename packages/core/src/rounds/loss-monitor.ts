import * as tf from '@tensorflow/tfjs';
import { NonFiniteLossError } from '../errors';
import type { SummaryScalar } from '../ports';
import { readScalarTensors } from './deferred-reads';

/**
 * How to handle a loss that is NaN or infinite: `throw` rejects the round, `warn` prints a warning and
 * continues.
 *
 * Losses are read back every 16 steps at the latest, and before each save. So at most 15 further steps are
 * taken after such a loss, on every device, and nothing is saved automatically. With `warn`, automatic
 * saves resume once the loss and all values of the model are finite again.
 */
export type NanPolicy = 'throw' | 'warn';

/**
 * Losses are read back after this many steps at the latest. Reading waits for the device, so a smaller
 * number costs speed; a larger one lets a model that has diverged train for longer.
 */
export const STEPS_PER_LOSS_READ = 16;

/** What a {@link LossMonitor} depends on. */
export interface LossMonitorOptions {
  readonly nanPolicy: NanPolicy;
  /** The last step that was taken. */
  readonly globalStep: () => number;
  /** Whether there is a finite checkpoint to restore. */
  readonly canRestore: () => boolean;
}

interface PendingLoss {
  readonly step: number;
  /** Seconds since the epoch. */
  readonly wallTime: number;
  readonly tensor: tf.Tensor;
}

/** The losses of a round: on the device until they are read back, then on the host until they are logged. */
export class LossMonitor {
  readonly #options: LossMonitorOptions;
  #pending: PendingLoss[] = [];
  #unlogged: SummaryScalar[] = [];
  #reading: Promise<void> = Promise.resolve();
  #last: SummaryScalar | undefined;
  #error: NonFiniteLossError | undefined;
  #isOver = false;

  constructor(options: LossMonitorOptions) {
    this.#options = options;
  }

  /** The number of losses that have not been read back. */
  get pending(): number {
    return this.#pending.length;
  }

  /** The number of losses that have not been taken. */
  get size(): number {
    return this.#pending.length + this.#unlogged.length;
  }

  /** Whether the round has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The last loss that was read back. */
  get last(): SummaryScalar | undefined {
    return this.#last;
  }

  /** Describes the first loss that is not finite, among those that were read back. */
  get error(): NonFiniteLossError | undefined {
    return this.#error;
  }

  /** Takes over the loss of a step. */
  add(step: number, wallTime: number, tensor: tf.Tensor): void {
    this.#pending.push({ step, wallTime, tensor });
  }

  /** Reads back the losses of all steps so far. */
  read(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return this.#reading;
    this.#pending = [];
    // The read starts now, but its losses are noted after those of earlier reads.
    const values = readScalarTensors(pending.map(({ tensor }) => tensor));
    const before = this.#reading.catch(() => {});
    this.#reading = this.#note(pending, values, before);
    return this.#reading;
  }

  async #note(
    pending: readonly PendingLoss[],
    reading: Promise<readonly number[]>,
    before: Promise<void>,
  ): Promise<void> {
    try {
      const [values] = await Promise.all([reading, before]);
      pending.forEach(({ step, wallTime }, index) => {
        const value = values[index] ?? Number.NaN;
        const loss = { tag: 'loss', value, step, wallTime };
        this.#unlogged.push(loss);
        this.#last = loss;
        if (!Number.isFinite(value)) this.#error ??= this.#describe(loss);
      });
    } finally {
      tf.dispose(pending.map(({ tensor }) => tensor));
    }
  }

  #describe({ step, value }: SummaryScalar): NonFiniteLossError {
    const lastStep = this.#options.globalStep();
    return new NonFiniteLossError(step, value, {
      lastStep,
      canRestore: this.#options.canRestore(),
    });
  }

  /**
   * @throws NonFiniteLossError during the round, if a loss that was read back is not finite, unless
   *   `nanPolicy` is `warn`
   */
  assertFinite(): void {
    const isFatal = this.#options.nanPolicy === 'throw' && !this.#isOver;
    if (isFatal && this.#error !== undefined) throw this.#error;
  }

  /** Returns the losses that were read back since the last time, oldest first. */
  take(): readonly SummaryScalar[] {
    return this.#unlogged.splice(0);
  }

  /** Ends the round, and frees the losses that were not read back. */
  dispose(): void {
    this.#isOver = true;
    tf.dispose(this.#pending.map(({ tensor }) => tensor));
    this.#pending = [];
  }
}
