import * as tf from '@tensorflow/tfjs';
import { DatasetError } from './dataset-error';
import { isTensor, openContainer } from './element';
import { tensorOf } from './host-array';
import { hostArrayOf } from './host-array-of';

/** A batch of features. */
export interface Batch {
  /** Names of the features, in the order of the dataset. */
  readonly keys: readonly string[];
  readonly tensors: Readonly<Record<string, tf.Tensor>>;
  /** Whether the dataset gave a tuple, so that the names come from positions or `dataKeys`. */
  readonly positional: boolean;
  /** Frees the tensors, but those that stayed the user's. */
  dispose(): void;
}

const namesFor = (
  positions: readonly string[],
  dataKeys: readonly string[] | undefined,
  subject: string,
): readonly string[] => {
  if (!dataKeys || dataKeys.length === positions.length) return dataKeys ?? positions;
  throw new DatasetError({
    subject,
    expected: `a tuple of ${dataKeys.length}, for the data keys ${dataKeys.join(', ')}`,
    actual: `a tuple of ${positions.length}`,
    fix: 'Give `dataKeys` one name for each member of the tuple.',
  });
};

/**
 * The batch that a dictionary or tuple is. Members that are no tensors become some.
 *
 * @param subject what the container is, for messages
 * @param options.dataKeys names for the members of a tuple
 * @param options.isHandedOver whether the batch owns the container's tensors too, not only those it makes
 * @throws DatasetError naming the member that no tensor can be made of; then tensors handed over are freed
 */
export const batchOf = (
  container: unknown,
  subject: string,
  options: { dataKeys?: readonly string[] | undefined; isHandedOver: boolean },
): Batch => {
  const owned: tf.Tensor[] = [];
  const dispose = () => tf.dispose(owned);
  try {
    const { layout, values } = openContainer(container, subject);
    const { positional } = layout;
    const keys = positional ? namesFor(layout.keys, options.dataKeys, subject) : layout.keys;
    const tensors: Record<string, tf.Tensor> = {};
    values.forEach((value, position) => {
      const key = keys[position] ?? '';
      const isGiven = isTensor(value);
      const tensor = isGiven ? value : tensorOf(hostArrayOf(value, `${subject}, feature "${key}"`));
      tensors[key] = tensor;
      if (!isGiven || options.isHandedOver) owned.push(tensor);
    });
    return { keys, tensors, positional, dispose };
  } catch (error) {
    dispose();
    // Nested tensors are an error, and were handed over all the same.
    if (options.isHandedOver) tf.dispose(container as tf.TensorContainer);
    throw error;
  }
};
