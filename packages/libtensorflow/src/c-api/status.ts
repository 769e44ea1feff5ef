import { TensorflowError } from '../errors';
import type { Library, Pointer } from './library';

/** `TF_Status`: how a call ended. Source: TensorFlow's `tf_status.h`. */
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

/** A `TF_Status` that is used over and over. */
export class Status {
  readonly pointer: Pointer;
  readonly #c: StatusFunctions;

  constructor(c: StatusFunctions) {
    this.#c = c;
    this.pointer = c.TF_NewStatus();
  }

  /**
   * @param subject what was being done, for the message
   * @throws TensorflowError when the last call with this status failed.
   */
  check(subject: string): void {
    const code = this.#c.TF_GetCode(this.pointer);
    if (code === 0) return;
    const message = this.#c.TF_Message(this.pointer);
    // Not every function sets the status when it succeeds: a failure would stay for the next one.
    this.#c.TF_SetStatus(this.pointer, 0, '');
    throw new TensorflowError(subject, code, message);
  }

  delete(): void {
    this.#c.TF_DeleteStatus(this.pointer);
  }
}
