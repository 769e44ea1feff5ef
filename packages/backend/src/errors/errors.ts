import type { RejectedBackend } from '../backend-report';
import { type Explanation, explain } from './explain';

/** An option of `useBackend()` that has no such value, or no such name. */
export class BackendOptionError extends TypeError {
  override readonly name = 'BackendOptionError';
  constructor(explanation: Explanation) {
    super(explain(explanation));
  }
}

/** An option that is valid, but not one that the chosen backend can honour. */
export class UnsupportedBackendOptionError extends RangeError {
  override readonly name = 'UnsupportedBackendOptionError';
  constructor(
    /** The option's path, such as `gpu.memoryFraction`. */
    readonly option: string,
    readonly backend: string,
    /** The backends that honour it. */
    readonly honouredBy: readonly string[],
    /** Why this backend does not, when there is more to say than that it can't. */
    why?: string,
  ) {
    const able = honouredBy.map((name) => `'${name}'`).join(' or ');
    super(
      explain({
        subject: `backend option ${option}`,
        expected:
          able === '' ? 'to be left out, since no backend honours it yet' : `backend ${able}`,
        actual: why === undefined ? `'${backend}'` : `'${backend}', where ${why}`,
        fix: able === '' ? `Leave ${option} out.` : `Choose that backend, or leave ${option} out.`,
      }),
    );
  }
}

/** The backend asked for, or every backend in turn under `auto`, did not start. */
export class BackendUnavailableError extends Error {
  override readonly name = 'BackendUnavailableError';
  constructor(
    explanation: Explanation,
    /** What was tried, in order, each with why it did not start. */
    readonly rejected: readonly RejectedBackend[],
    options?: ErrorOptions,
  ) {
    super(explain(explanation), options);
  }
}
