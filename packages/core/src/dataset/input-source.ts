import { type Batch, viewOf } from './batch';
import { type BatchSource, batchSource } from './batch-source';
import { DatasetError } from './errors';
import { nextTensorId } from './hand-over';
import { InputCalls } from './input-calls';
import { assertBatch, assertBatched, assertSameSize, type InputSignature } from './input-signature';
import { dropFirst, type EpochStart, type Stage } from './stage';

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

/** The first batch of an epoch, and the rest of it. */
interface Peeked {
  readonly epoch: number;
  readonly source: BatchSource;
  readonly stage: Stage<Batch>;
}

/** The batches of an input function, epoch by epoch, checked against an input signature. */
export class InputSource {
  readonly name: string;
  /** Batches pulled from now on must match it; unchecked while undefined. */
  signature: InputSignature | undefined;
  readonly #inputFn: InputCalls;
  readonly #dataKeys: readonly string[] | undefined;
  readonly #allowMissing: boolean;
  #peeked: Peeked | undefined;

  constructor({ name, inputFn, dataKeys, signature, allowMissing = false }: InputSourceOptions) {
    this.name = name;
    this.signature = signature;
    this.#inputFn = new InputCalls(inputFn);
    this.#dataKeys = dataKeys;
    this.#allowMissing = allowMissing;
  }

  /**
   * Starts an epoch: calls the input function, or continues after `peek()`. Each batch belongs to whoever
   * takes it and must be disposed. Ending the iteration early frees what was fetched ahead. Call `next()`
   * only after the call before it has settled.
   *
   * @throws DatasetError, while iterating, if the result of the input function or one of its batches is
   *   unusable, if a batch does not match the signature, or if an epoch without `skip` is empty
   */
  batches({ epoch, skip = 0 }: BatchesOptions): BatchStream {
    const open = () => this.#open({ epoch, skip });
    const check: CheckBatch = (batch, source, index) => this.#check(batch, source, index);
    return new BatchIterator(this.name, open, check, skip);
  }

  /**
   * The first batch of an epoch, which the next `batches()` yields again, without another call of the
   * input function. The caller must dispose it.
   *
   * If that is for another epoch, a Dataset is iterated from its beginning. Other data does not depend on
   * the epoch.
   *
   * @throws DatasetError as `batches()` does
   */
  async peek(epoch: number): Promise<Batch> {
    await this.close();
    const source = await this.#call();
    const stage = await source.open({ epoch, skip: 0 });
    try {
      const batch = await stage.next();
      if (!batch) throw emptyError(this.name, source);
      this.#peeked = { epoch, source, stage: preceded(batch, stage) };
      this.#check(batch, source, 0);
      return viewOf(batch);
    } catch (error) {
      this.#peeked = undefined;
      // The first error says more than one that follows from it.
      await (async () => stage.close())().catch(() => {});
      throw error;
    }
  }

  /** Whether the data of the last `peek()` is a Dataset on which `batch()` was not called. */
  get lacksBatch(): boolean {
    return this.#peeked?.source.lacksBatch ?? false;
  }

  /** Ends an epoch that `peek()` started and `batches()` did not take up. */
  async close(): Promise<void> {
    const peeked = this.#peeked;
    this.#peeked = undefined;
    await peeked?.stage.close();
  }

  /** Checks a batch, and disposes it if it is unusable. */
  #check(batch: Batch, source: BatchSource, index: number): void {
    const subject = `${this.name}, batch ${index}`;
    try {
      if (index === 0) assertBatched(batch, subject, source);
      assertSameSize(batch, subject);
      if (!this.signature) return;
      assertBatch(batch, this.signature, subject, { allowMissing: this.#allowMissing });
    } catch (error) {
      batch.dispose();
      throw error;
    }
  }

  async #open(start: EpochStart): Promise<OpenedEpoch> {
    const peeked = this.#peeked;
    this.#peeked = undefined;
    if (peeked === undefined) {
      const source = await this.#call();
      return { source, stage: await source.open(start) };
    }
    const { epoch, source, stage } = peeked;
    if (!source.dependsOnEpoch) {
      return { source, stage: dropFirst(stage, start.skip, (batch) => batch.dispose()) };
    }
    if (epoch === start.epoch && start.skip === 0) return { source, stage };
    await stage.close();
    return { source, stage: await source.open(start) };
  }

  async #call(): Promise<BatchSource> {
    const since = nextTensorId();
    return batchSource(await this.#inputFn.call(), this.name, { dataKeys: this.#dataKeys, since });
  }
}

/** A stage with an element that was pulled from it before. */
const preceded = (batch: Batch, stage: Stage<Batch>): Stage<Batch> => {
  let first: Batch | undefined = batch;
  return {
    next: () => {
      const taken = first;
      first = undefined;
      return taken ?? stage.next();
    },
    close: () => {
      first?.dispose();
      first = undefined;
      return stage.close();
    },
  };
};

/** Checks a batch by its number, and disposes it if it is unusable. */
type CheckBatch = (batch: Batch, source: BatchSource, index: number) => void;

interface OpenedEpoch {
  readonly source: BatchSource;
  readonly stage: Stage<Batch>;
}

const emptyError = (name: string, { isReiterable, lacksBatch }: BatchSource): DatasetError =>
  new DatasetError({
    subject: name,
    expected: 'at least one batch',
    actual: isReiterable ? 'an empty dataset' : 'an iterator or a stream without elements',
    fix: !isReiterable
      ? 'If it was read before, start a new one at each call, or return a Dataset.'
      : lacksBatch
        ? 'Check what the function reads.'
        : 'Check what the function reads, and that `dropRemainder` does not drop the only batch.',
  });

/** The batches of one epoch. */
class BatchIterator implements BatchStream {
  readonly #name: string;
  readonly #open: () => Promise<OpenedEpoch>;
  readonly #check: CheckBatch;
  #epoch: OpenedEpoch | undefined;
  #index: number;
  #isEmpty: boolean;
  #isOver = false;

  constructor(name: string, open: () => Promise<OpenedEpoch>, check: CheckBatch, skip: number) {
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
        this.#check(batch, this.#epoch.source, this.#index);
        this.#index += 1;
        this.#isEmpty = false;
        return { done: false, value: batch };
      }
      if (this.#isEmpty) throw emptyError(this.#name, this.#epoch.source);
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
}
