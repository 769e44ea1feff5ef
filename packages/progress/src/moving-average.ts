/**
 * An exponential moving average without the bias of its start. Source: `EMA` in tqdm's `std.py`.
 */
export class MovingAverage {
  #last = 0;
  #count = 0;

  /** @param smoothing 0..1: the weight of the newest value */
  constructor(private readonly smoothing: number) {}

  add(value: number): void {
    this.#last = this.smoothing * value + (1 - this.smoothing) * this.#last;
    this.#count += 1;
  }

  /** 0 before the first value. */
  get value(): number {
    return this.#count === 0 ? 0 : this.#last / (1 - (1 - this.smoothing) ** this.#count);
  }
}
