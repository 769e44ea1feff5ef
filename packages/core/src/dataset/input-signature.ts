import type { Batch } from './batch-of';
import { DatasetError } from './dataset-error';
import { formatSpec, type InputSignature, shapeFits, type TensorSpec } from './tensor-spec';

/** The features of a batch, each with its dtype and its shape; the first dimension, the batch's, is null. */
export const signatureOf = ({ keys, tensors }: Pick<Batch, 'keys' | 'tensors'>): InputSignature => {
  const signature: Record<string, TensorSpec> = {};
  for (const key of keys) {
    const tensor = tensors[key];
    if (!tensor) continue;
    const shape = tensor.shape.map((size, axis) => (axis === 0 ? null : size));
    signature[key] = { dtype: tensor.dtype, shape };
  }
  return signature;
};

/**
 * Checks that a batch is what the batches before it were.
 *
 * @param signature what each feature must be; a dimension of null takes any size
 * @param subject what the batch is, for messages: `batch 17 of trainInputFn`
 * @throws DatasetError naming the feature that is missing, or that has another dtype or shape
 */
export const checkBatch = (
  { keys, tensors }: Pick<Batch, 'keys' | 'tensors'>,
  signature: InputSignature,
  subject: string,
): void => {
  const expectedKeys = Object.keys(signature);
  const isComplete = keys.length === expectedKeys.length && keys.every((key) => signature[key]);
  if (!isComplete) {
    throw new DatasetError({
      subject,
      expected: `the features ${expectedKeys.join(', ')}`,
      actual: keys.join(', '),
      fix: 'Give the same features in every batch.',
    });
  }
  for (const key of keys) {
    const [spec, tensor] = [signature[key], tensors[key]];
    if (!spec || !tensor) continue;
    if (tensor.dtype === spec.dtype && shapeFits(tensor.shape, spec.shape)) continue;
    throw new DatasetError({
      subject: `${subject}, feature "${key}"`,
      expected: formatSpec(spec),
      actual: formatSpec(tensor),
      fix: 'A feature keeps its dtype and shape, but for the batch dimension; pad, resize or cast it in the input function.',
    });
  }
};
