import { type Batch, type BatchSource, batchSource, DatasetError } from '../dataset';

/**
 * A function without arguments that gives the data: a `Dataset`, a `tf.data.Dataset`, or any iterable
 * of batches. Each batch is a dictionary or a tuple of tensors (or typed or nested arrays) whose first
 * dimension is the batch.
 *
 * It is called once, and what it gave is iterated anew each round; when that can be iterated only
 * once, as a generator, it is called again for each round.
 */
export type InputFn = () => unknown;

/** The batches of an input function, round by round. */
export class InputSource {
  #source: BatchSource | undefined;

  /**
   * @param name what the input function is called, for errors
   * @param dataKeys names for the members of tuples
   */
  constructor(
    readonly name: string,
    readonly inputFn: InputFn,
    readonly dataKeys?: readonly string[] | undefined,
  ) {}

  async #open(): Promise<BatchSource> {
    if (this.#source?.reiterable) return this.#source;
    this.#source = batchSource(await this.inputFn(), this.name, { dataKeys: this.dataKeys });
    return this.#source;
  }

  /**
   * One pass over the data. Each batch must be disposed by whoever takes it.
   *
   * @param iteration the pass's number, from 0: it decides the order of shuffled data
   * @throws DatasetError when there is no batch at all
   */
  async *batches(iteration: number): AsyncGenerator<Batch, void, undefined> {
    const source = await this.#open();
    let empty = true;
    for await (const batch of { [Symbol.asyncIterator]: () => source.iterate(iteration) }) {
      empty = false;
      yield batch;
    }
    if (!empty) return;
    throw new DatasetError({
      subject: this.name,
      expected: 'at least one batch',
      actual: 'an empty dataset',
      fix: 'Check what the function reads, and that dropRemainder does not drop the only batch.',
    });
  }

  /** The first batch of a pass, for those who only look. */
  async first(): Promise<Batch> {
    for await (const batch of this.batches(0)) return batch;
    throw new Error('unreachable: batches() throws when there is none');
  }
}
