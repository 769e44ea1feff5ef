import { checkMethods, ExplainedError, kinds, required } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { type Element, isTensor, type Member } from './element';
import { DatasetError } from './errors';
import { disposedError, isDisposed } from './hand-over';
import { type HostArray, tensorOf } from './host-array';

/** A batch of features. Values in host memory are uploaded only when a tensor is asked for. */
export interface Batch {
  /** The names of the features, in the order of the dataset. */
  readonly keys: readonly string[];
  /** Whether the dataset yielded a tuple, so that the names come from positions or `dataKeys`. */
  readonly positional: boolean;
  /** The number of examples: the first dimension of the first feature that has one, or else 1. */
  readonly size: number;
  /** The dtype and shape of a feature. Uploads nothing. */
  spec(key: string): { readonly dtype: tf.DataType; readonly shape: readonly number[] };
  /** The feature's values in host memory; undefined if only a tensor exists. */
  host(key: string): HostArray | undefined;
  /**
   * The feature as a tensor. The first call uploads it to the backend that is current then; later
   * calls return the same tensor. It belongs to the batch and outlives an enclosing `tf.tidy`.
   */
  tensor(key: string): tf.Tensor;
  /** All features as tensors. */
  tensors(): Readonly<Record<string, tf.Tensor>>;
  /**
   * Disposes the tensors that the batch owns: all except those that stay the user's. Calling it again
   * has no effect; `tensor()` throws from then on.
   */
  dispose(): void;
}

/** How a batch is made from an element. */
export interface ElementBatchOptions {
  /** The names of a tuple's members; their positions by default. */
  readonly dataKeys?: readonly string[] | undefined;
  /** Whether a tensor in the element belongs to someone else. By default none does. */
  readonly isBorrowed?: (tensor: tf.Tensor) => boolean;
}

const namesOf = (
  { layout }: Element,
  dataKeys: readonly string[] | undefined,
  subject: string,
): readonly string[] => {
  const { keys, positional } = layout;
  if (!positional || !dataKeys) return keys;
  if (dataKeys.length === keys.length) return dataKeys;
  throw new DatasetError({
    subject,
    expected: `a tuple of ${dataKeys.length}, for the data keys ${dataKeys.join(', ')}`,
    actual: `a tuple of ${keys.length}`,
    fix: '`dataKeys` must have one name for each member of the tuple.',
  });
};

class ElementBatch implements Batch {
  readonly positional: boolean;
  readonly #members: readonly Member[];
  readonly #tensors: (tf.Tensor | undefined)[];
  readonly #isBorrowed: (tensor: tf.Tensor) => boolean;
  #isDisposed = false;

  constructor(
    readonly keys: readonly string[],
    { layout, members }: Element,
    isBorrowed: (tensor: tf.Tensor) => boolean,
  ) {
    this.positional = layout.positional;
    this.#members = members;
    this.#tensors = members.map((member) => (isTensor(member) ? member : undefined));
    this.#isBorrowed = isBorrowed;
  }

  get size(): number {
    return this.#members.find(({ shape }) => shape.length > 0)?.shape[0] ?? 1;
  }

  spec(key: string): { readonly dtype: tf.DataType; readonly shape: readonly number[] } {
    const { dtype, shape } = this.#member(this.#position(key));
    return { dtype, shape };
  }

  host(key: string): HostArray | undefined {
    const member = this.#member(this.#position(key));
    return isTensor(member) ? undefined : member;
  }

  tensor(key: string): tf.Tensor {
    return this.#upload(this.#position(key));
  }

  tensors(): Readonly<Record<string, tf.Tensor>> {
    return Object.fromEntries(this.keys.map((key, position) => [key, this.#upload(position)]));
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#tensors.forEach((tensor, position) => {
      const isUploaded = tensor !== this.#members[position];
      if (tensor && (isUploaded || !this.#isBorrowed(tensor))) tensor.dispose();
    });
  }

  #position(key: string): number {
    const position = this.keys.indexOf(key);
    if (position >= 0) return position;
    throw new DatasetError({
      subject: 'batch',
      expected: `one of the features ${this.keys.join(', ')}`,
      actual: key,
      fix: 'Use the name of a feature that the input function yields.',
    });
  }

  #member(position: number): Member {
    const member = this.#members[position];
    if (member) return member;
    throw new RangeError(`batch: no member at position ${position}.`);
  }

  #upload(position: number): tf.Tensor {
    if (this.#isDisposed) {
      throw new ExplainedError({
        subject: `feature "${this.keys[position]}"`,
        expected: 'a batch in use',
        actual: 'a batch that was disposed',
        fix: 'Read its tensors before dispose().',
      });
    }
    const member = this.#member(position);
    if (isDisposed(member)) {
      throw disposedError(`feature "${this.keys[position]}"`, 'Dispose it after it was used.');
    }
    const tensor =
      this.#tensors[position] ?? (isTensor(member) ? member : tf.keep(tensorOf(member)));
    this.#tensors[position] = tensor;
    return tensor;
  }
}

checkMethods(ElementBatch.prototype, 'batch.', {
  spec: { key: required(kinds.string) },
  host: { key: required(kinds.string) },
  tensor: { key: required(kinds.string) },
  tensors: {},
  dispose: {},
});

/**
 * Makes a batch of an element. The batch takes over the element's tensors unless they are borrowed.
 *
 * @param subject what the batch is, for messages: `trainInputFn, batch 17`
 * @throws DatasetError if `dataKeys` does not have one name for each member of a tuple
 */
export const batchOf = (
  element: Element,
  subject: string,
  { dataKeys, isBorrowed = () => false }: ElementBatchOptions = {},
): Batch => new ElementBatch(namesOf(element, dataKeys, subject), element, isBorrowed);

/** A batch of the same features, which owns only the tensors that it uploads itself. */
export const viewOf = (batch: Batch): Batch => {
  const { keys, positional } = batch;
  const members = keys.map((key) => batch.host(key) ?? batch.tensor(key));
  return new ElementBatch(keys, { layout: { keys, positional }, members }, () => true);
};
