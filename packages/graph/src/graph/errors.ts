import { type Explanation, explain } from '../explain';

/** A graph whose parts do not fit together, or bytes that are no graph: damaged, or too new. */
export class GraphFormatError extends Error {
  override readonly name = 'GraphFormatError';
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
  }
}

/** Graphs that share a name for different things can't become one graph. */
export class GraphMergeError extends RangeError {
  override readonly name = 'GraphMergeError';
  constructor(explanation: Explanation) {
    super(explain(explanation));
  }
}

/** What a run was fed: a placeholder is missing, unknown, or of the wrong shape or dtype. */
export class FeedError extends TypeError {
  override readonly name = 'FeedError';
  constructor(
    /** The placeholder, or undefined when several or none are at fault. */
    readonly placeholder: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A variable that a run reads or assigns is missing, or of another shape or dtype. */
export class VariableError extends TypeError {
  override readonly name = 'VariableError';
  constructor(
    readonly variable: string,
    explanation: Explanation,
  ) {
    super(explain(explanation));
  }
}

/** A graph has no operation, tensor or signature of this name. */
export class UnknownOperationError extends RangeError {
  override readonly name = 'UnknownOperationError';
  constructor(
    /** The name that was asked for. */
    readonly operation: string,
    explanation: Explanation,
  ) {
    super(explain(explanation));
  }
}
