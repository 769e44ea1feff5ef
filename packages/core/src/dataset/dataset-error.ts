import { ExplainedTypeError } from '../errors';

/** A dataset was built from, or gave, something that no tensors can be made of. */
export class DatasetError extends ExplainedTypeError {
  override readonly name = 'DatasetError';
}
