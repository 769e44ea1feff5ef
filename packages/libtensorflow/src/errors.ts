import {
  ExplainedError,
  ExplainedRangeError,
  ExplainedTypeError,
  type Explanation,
} from '@elistimator/internal';

/** The names of `TF_Code`, by number. Source: TensorFlow's `tf_status.h`. */
const statusCodeNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** `TF_Code` numbers that this package reports itself. */
export const statusCodes = { unknown: 2, resourceExhausted: 8 } as const;

/** Thrown when a call into TensorFlow fails. Carries TensorFlow's code and message. */
export class TensorflowError extends Error {
  override readonly name = 'TensorflowError';
  /** TensorFlow's name for the code, such as `INVALID_ARGUMENT`. */
  readonly codeName: string;

  constructor(
    /** The call that failed, such as `Session run`, or the name of the operation. */
    readonly subject: string,
    /** The `TF_Code` number: 3 for an invalid argument, 5 for not found, and so on. */
    readonly code: number,
    /** TensorFlow's own message. */
    readonly detail: string,
  ) {
    const codeName = statusCodeNames[code] ?? `code ${code}`;
    super(`${subject} failed in TensorFlow with ${codeName} (code ${code}). ${detail}`);
    this.codeName = codeName;
  }
}

/** Thrown when a graph, session, tensor or binding is used after it was closed. */
export class ClosedHandleError extends ExplainedError {
  override readonly name = 'ClosedHandleError';
  constructor(
    /** The kind of object that was closed, such as `Session`. */
    readonly kind: string,
  ) {
    super({
      subject: kind,
      expected: `an open ${kind}`,
      actual: 'one that was closed',
      fix: 'Close it after its last use, or create a new one.',
    });
  }
}

/** Thrown for an argument of the wrong kind, such as a shape that is invalid or values that don't fit it. */
export class TensorArgumentError extends ExplainedTypeError {
  override readonly name = 'TensorArgumentError';
}

/** Thrown when a graph has no operation, or no output, with the requested name. */
export class OperationNotFoundError extends ExplainedRangeError {
  override readonly name = 'OperationNotFoundError';
  constructor(
    explanation: Explanation,
    /** The name of the requested operation. */
    readonly operation: string,
  ) {
    super(explanation);
  }
}

/** Thrown for a session option that is out of range. */
export class ConfigError extends ExplainedRangeError {
  override readonly name = 'ConfigError';
}

/** Thrown when a library can't be opened, or isn't a libtensorflow that this package supports. */
export class LibraryLoadError extends ExplainedError {
  override readonly name = 'LibraryLoadError';
  constructor(
    explanation: Explanation,
    /** The library's file. */
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(explanation, options);
  }
}
