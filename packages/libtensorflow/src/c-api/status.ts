import { statusCodes, TensorflowError } from '../errors';
import type { Library, Pointer } from './library';

/** `TF_Status`: the outcome of a call. Source: TensorFlow's `tf_status.h`. */
export const declareStatus = (library: Library) => ({
  TF_NewStatus: library.declare<() => Pointer>('void *TF_NewStatus()'),
  TF_DeleteStatus: library.declare<(status: Pointer) => void>('void TF_DeleteStatus(void *)'),
  TF_SetStatus: library.declare<(status: Pointer, code: number, message: string) => void>(
    'void TF_SetStatus(void *, int, const char *)',
  ),
  TF_GetCode: library.declare<(status: Pointer) => number>('int TF_GetCode(void *)'),
  TF_Message: library.declare<(status: Pointer) => string>('const char *TF_Message(void *)'),
});

export type StatusFunctions = ReturnType<typeof declareStatus>;

/** A reusable `TF_Status`. */
export class Status {
  readonly pointer: Pointer;
  readonly #c: StatusFunctions;

  constructor(c: StatusFunctions) {
    this.#c = c;
    this.pointer = c.TF_NewStatus();
  }

  /**
   * @param subject names the call in the error message
   * @throws TensorflowError if the last call with this status failed
   */
  check(subject: string): void {
    const code = this.#c.TF_GetCode(this.pointer);
    if (code === 0) return;
    const message = this.#c.TF_Message(this.pointer);
    // Some functions don't set the status on success, so a failure would be reported again.
    this.#c.TF_SetStatus(this.pointer, 0, '');
    throw new TensorflowError(subject, code, message);
  }

  delete(): void {
    this.#c.TF_DeleteStatus(this.pointer);
  }
}

/**
 * Asserts that a call returned an object, which TensorFlow doesn't always guarantee on success.
 *
 * @param result what the call returns, for the error message
 * @throws TensorflowError for a null pointer
 */
export const assertReturned = (
  pointer: Pointer | null,
  subject: string,
  result: string,
): Pointer => {
  if (pointer !== null) return pointer;
  throw new TensorflowError(
    subject,
    statusCodes.unknown,
    `It returned no ${result} and gave no reason.`,
  );
};
