import { OperationNotFoundError } from './errors';

/** An output of an operation by TensorFlow's name for it: `dense/MatMul`, or `split:1`. */
export interface OutputName {
  readonly operation: string;
  readonly index: number;
}

/**
 * @param name the operation, and the output's index after a colon; 0 without one
 * @throws OperationNotFoundError when what follows the colon is not an index.
 */
export const parseOutputName = (name: string): OutputName => {
  const colon = name.lastIndexOf(':');
  if (colon < 0) return { operation: name, index: 0 };
  const digits = name.slice(colon + 1);
  if (!/^\d{1,9}$/.test(digits)) {
    throw new OperationNotFoundError(
      {
        subject: `Output "${name}"`,
        expected: 'the index of an output after the colon',
        actual: `"${digits}"`,
        fix: 'Name it as in "split:1", or without a colon for the first output.',
      },
      name,
    );
  }
  return { operation: name.slice(0, colon), index: Number(digits) };
};
