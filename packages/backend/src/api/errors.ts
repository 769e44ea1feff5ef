import type { Explanation } from '@elistimator/internal';
import { ExplainedError, ExplainedRangeError, ExplainedTypeError } from '@elistimator/internal';
import type { RejectedBackend } from './report';

/** Thrown by `useBackend()` for an option that does not exist, or a value that is out of range. */
export class BackendOptionError extends ExplainedTypeError {
  override readonly name = 'BackendOptionError';
}

/** Thrown by `useBackend()` for a valid option that the chosen backend does not support. */
export class UnsupportedBackendOptionError extends ExplainedRangeError {
  override readonly name = 'UnsupportedBackendOptionError';
  constructor(
    /** The option's path, such as `gpu.memoryFraction`. */
    readonly option: string,
    /** The backend that was asked for. */
    readonly backend: string,
    /** Names of the backends that support the option. */
    readonly supportedBy: readonly string[],
    /** The reason, if it is other than a missing feature. */
    reason?: string,
  ) {
    const names = supportedBy.map((name) => `"${name}"`).join(' or ');
    super({
      subject: `backend option "${option}"`,
      expected: names === '' ? 'no value, because no backend supports it' : `backend ${names}`,
      actual: reason === undefined ? `"${backend}"` : `"${backend}", where ${reason}`,
      fix:
        names === ''
          ? `Remove "${option}".`
          : `Choose a backend that supports it, or remove "${option}".`,
    });
  }
}

/**
 * Thrown by `useBackend()` when the requested backend fails to start, or under `auto` when every
 * backend fails.
 */
export class BackendUnavailableError extends ExplainedError {
  override readonly name = 'BackendUnavailableError';
  constructor(
    explanation: Explanation,
    /** The backends that were tried, in order, each with the reason why it failed. */
    readonly rejected: readonly RejectedBackend[],
    options?: ErrorOptions,
  ) {
    super(explanation, options);
  }
}
