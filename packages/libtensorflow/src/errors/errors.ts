import { type Explanation, explain } from './explain';
import { statusCodeName } from './status-code';

/** TensorFlow refused a call: what it was doing, TensorFlow's own code and its own message. */
export class TensorflowError extends Error {
  override readonly name = 'TensorflowError';
  /** TensorFlow's name of the code, such as `INVALID_ARGUMENT`. */
  readonly codeName: string;

  constructor(
    /** What was being done, such as `Session run`, or the operation's name. */
    readonly subject: string,
    /** The number of `TF_Code`: 3 for an invalid argument, 5 for not found … */
    readonly code: number,
    /** TensorFlow's message, as it gave it. */
    readonly detail: string,
  ) {
    const codeName = statusCodeName(code);
    super(`${subject}: TensorFlow answered ${codeName} (${code}). ${detail}`);
    this.codeName = codeName;
  }
}

/** A graph, session, tensor or binding that was closed, and used afterwards. */
export class ClosedHandleError extends Error {
  override readonly name = 'ClosedHandleError';
  constructor(
    /** What was closed, such as `Session`. */
    readonly kind: string,
  ) {
    super(
      explain({
        subject: kind,
        expected: 'it to be open',
        actual: 'one that was closed',
        fix: 'Close it after its last use, or make a new one.',
      }),
    );
  }
}

/** Values, a shape or a dtype that no tensor can be made of, or that can't be read as asked. */
export class TensorArgumentError extends TypeError {
  override readonly name = 'TensorArgumentError';
  constructor(explanation: Explanation) {
    super(explain(explanation));
  }
}

/** A name, prefix or list that does not fit the graph. */
export class OperationNotFoundError extends RangeError {
  override readonly name = 'OperationNotFoundError';
  constructor(
    explanation: Explanation,
    /** The operation that was asked for. */
    readonly operation: string,
  ) {
    super(explain(explanation));
  }
}

/** An option outside its range. */
export class ConfigError extends RangeError {
  override readonly name = 'ConfigError';
  constructor(explanation: Explanation) {
    super(explain(explanation));
  }
}

/** A library that could not be opened, or that is not a libtensorflow. */
export class LibraryLoadError extends Error {
  override readonly name = 'LibraryLoadError';
  constructor(
    explanation: Explanation,
    /** The file that was to be opened. */
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(explain(explanation), options);
  }
}
