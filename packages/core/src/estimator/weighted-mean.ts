import * as tf from '@tensorflow/tfjs';
import { readScalars } from './summary-log';

/** Scalars wait on the device until there are this many, then are read back at once. */
const MOST_PENDING = 256;

/** The mean of scalars over many batches, each weighing by its examples; summed in float64. */
export class WeightedMean {
  #pending: { readonly tensor: tf.Tensor; readonly weight: number }[] = [];
  #sum = 0;
  #weight = 0;

  /**
   * @param scalar a tensor of one element; the mean keeps a copy of its own
   * @param weight the examples that it is the mean of
   */
  add(scalar: tf.Tensor, weight: number): void {
    this.#pending.push({ tensor: tf.keep(scalar.clone()), weight });
  }

  /** Reads back what waits, once enough of it does. */
  async relieve(): Promise<void> {
    if (this.#pending.length >= MOST_PENDING) await this.#read();
  }

  async #read(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      const values = await readScalars(pending.map(({ tensor }) => tensor));
      pending.forEach(({ weight }, index) => {
        this.#sum += weight * (values[index] ?? Number.NaN);
        this.#weight += weight;
      });
    } finally {
      tf.dispose(pending.map(({ tensor }) => tensor));
    }
  }

  async result(): Promise<number> {
    await this.#read();
    return this.#sum / this.#weight;
  }

  dispose(): void {
    tf.dispose(this.#pending.map(({ tensor }) => tensor));
    this.#pending = [];
  }
}
