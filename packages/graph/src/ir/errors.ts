import { ExplainedError, ExplainedRangeError, type Explanation } from '@elistimator/internal';

/** The parts of a graph contradict each other, or bytes are not a graph: damaged, or of a newer version. */
export class GraphFormatError extends ExplainedError {
  override readonly name = 'GraphFormatError';
}

/** Graphs to be merged use one name for different things. */
export class GraphMergeError extends ExplainedRangeError {
  override readonly name = 'GraphMergeError';
}

/** A graph has no operation, tensor or signature of this name. */
export class UnknownOperationError extends ExplainedRangeError {
  override readonly name = 'UnknownOperationError';
  constructor(
    /** The name that was asked for. */
    readonly operation: string,
    explanation: Explanation,
  ) {
    super(explanation);
  }
}
