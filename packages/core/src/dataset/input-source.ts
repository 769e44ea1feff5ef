import type { Batch } from './batch';
import { type BatchSource, batchSource } from './batch-source';
import { DatasetError } from './errors';
import { assertBatch, type InputSignature } from './input-signature';
import type { EpochStart, Stage } from './stage';

/** What an InputSource reads, and what it expects to find. */
export interface InputSourceOptions {
  /** What the input function is called, for messages: `trainInputFn`. */
  readonly name: string;
  /** See {@link InputFn}. Its result is checked at run time. */
  readonly inputFn: () => unknown;
  /** Names for the members of tuples; their positions '0', '1', … by default. */
  readonly dataKeys?: readonly string[] | undefined;
  /** Every batch is checked against it. Can be set later, once the first batch is known. */
  readonly signature?: InputSignature | undefined;
  /** Whether batches may lack some of the signature's features, as in prediction. False by default. */
  readonly allowMissing?: boolean;
}

/** Where `InputSource.batches()` starts. */
export interface BatchesOptions {
  /** The number of the epoch, from 0, on which the order of shuffled data depends. */
  readonly epoch: number;
  /** How many batches to leave out at the beginning. 0 by default. */
  readonly skip?: number;
}

/** The batches of an epoch. */
export interface BatchStream extends AsyncIterableIterator<Batch, undefined> {
  /** Ends the epoch early. */
  return(): Promise<IteratorResult<Batch, undefined>>;
}

/** The batches of an input function, epoch by epoch, checked against an input signature. */
export class InputSource {
  readonly name: string;
  /** Batches pulled from now on must match it; unchecked while undefined. */
  signature: InputSignature | undefined;
  readonly #inputFn: () => unknown;
  readonly #dataKeys: readonly string[] | undefined;
  readonly #allowMissing: boolean;
  #source: BatchSource | undefined;
  /** The last iterator that the input function returned. */
  #iterator: unknown;

  constructor({ name, inputFn, dataKeys, signature, allowMissing = false }: InputSourceOptions) {
    this.name = name;
    this.signature = signature;
    this.#inputFn = inputFn;
    this.#dataKeys = dataKeys;
    this.#allowMissing = allowMissing;
  }

  /**
   * Starts an epoch. Each batch belongs to whoever takes it and must be disposed. Ending the iteration
   * early frees what was fetched ahead. Call `next()` only after the call before it has settled.
   *
   * @throws DatasetError, while iterating, if the result of the input function or one of its batches is
   *   unusable, if a batch does not match the signature, or if an epoch without `skip` is empty
   */
  batches({ epoch, skip = 0 }: BatchesOptions): BatchStream {
    const open = () => this.#open({ epoch, skip });
    return new BatchIterator(this.name, open, (batch, index) => this.#check(batch, index), skip);
  }

  /**
   * The first batch of epoch 0. The caller must dispose it.
   *
   * @throws DatasetError as `batches()` does
   */
  async first(): Promise<Batch> {
    for await (const batch of this.batches({ epoch: 0 })) return batch;
    throw new Error('unreachable: batches() throws for an empty epoch');
  }

  /** Checks a batch, and disposes it if it does not match the signature. */
  #check(batch: Batch, index: number): void {
    if (!this.signature) return;
    try {
      const allowMissing = this.#allowMissing;
      assertBatch(batch, this.signature, `${this.name}, batch ${index}`, { allowMissing });
    } catch (error) {
      batch.dispose();
      throw error;
    }
  }

  async #open(start: EpochStart): Promise<OpenedEpoch> {
    if (this.#source?.isReiterable) return { stage: await this.#source.open(start) };
    const result = await this.#inputFn();
    this.#source = batchSource(result, this.name, this.#dataKeys);
    const isUsedIterator = !this.#source.isReiterable && result === this.#iterator;
    this.#iterator = this.#source.isReiterable ? undefined : result;
    return { stage: await this.#source.open(start), isUsedIterator };
  }
}

interface OpenedEpoch {
  readonly stage: Stage<Batch>;
  /** Whether the batches come from an iterator that served an earlier epoch. */
  readonly isUsedIterator?: boolean;
}

/** The batches of one epoch. */
class BatchIterator implements BatchStream {
  readonly #name: string;
  readonly #open: () => Promise<OpenedEpoch>;
  readonly #check: (batch: Batch, index: number) => void;
  #epoch: OpenedEpoch | undefined;
  #index: number;
  #isEmpty: boolean;
  #isOver = false;

  constructor(
    name: string,
    open: () => Promise<OpenedEpoch>,
    check: (batch: Batch, index: number) => void,
    skip: number,
  ) {
    this.#name = name;
    this.#open = open;
    this.#check = check;
    this.#index = skip;
    this.#isEmpty = skip === 0;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Batch, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      this.#epoch ??= await this.#open();
      const pulled = this.#epoch.stage.next();
      const batch = pulled instanceof Promise ? await pulled : pulled;
      if (batch) {
        this.#check(batch, this.#index);
        this.#index += 1;
        this.#isEmpty = false;
        return { done: false, value: batch };
      }
      if (this.#isEmpty) throw this.#emptyError(this.#epoch);
    } catch (error) {
      // The first error says more than one that follows from it.
      await this.return().catch(() => {});
      throw error;
    }
    return this.return();
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    this.#isOver = true;
    const epoch = this.#epoch;
    this.#epoch = undefined;
    await epoch?.stage.close();
    return { done: true, value: undefined };
  }

  #emptyError({ isUsedIterator = false }: OpenedEpoch): DatasetError {
    return new DatasetError({
      subject: this.#name,
      expected: 'at least one batch',
      actual: isUsedIterator ? 'an iterator that an earlier epoch used up' : 'an empty dataset',
      fix: isUsedIterator
        ? 'Return a Dataset or another iterable, or start a new generator at each call.'
        : 'Check what the function reads, and that `dropRemainder` does not drop the only batch.',
    });
  }
}
