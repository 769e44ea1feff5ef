import * as tf from '@tensorflow/tfjs';
import { readScalars } from './summary-log';

/**
 * The mean of scalars over many batches, each weighing by its examples; summed in float64. Adding
 * waits for nothing: scalars stay on the device until `flush` reads all of them at once.
 */
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

  /** Reads what was added since the last flush, and frees it. */
  async flush(): Promise<void> {
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
    await this.flush();
    return this.#sum / this.#weight;
  }

  dispose(): void {
    tf.dispose(this.#pending.map(({ tensor }) => tensor));
    this.#pending = [];
  }
}
