import { ExplainedTypeError } from '../errors';

/** A metric was given tensors that it can't measure. */
export class MetricError extends ExplainedTypeError {
  override readonly name = 'MetricError';
}
