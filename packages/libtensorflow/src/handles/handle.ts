import type { Pointer } from '../c-api';
import { ClosedHandleError } from '../errors';

/**
 * One native object that JavaScript owns. It is freed once: when it is closed and nothing uses it any
 * more, be it a run on another thread or an ArrayBuffer over its memory.
 */
export class Handle {
  readonly #pointer: Pointer;
  readonly #free: (pointer: Pointer) => void;
  #closed = false;
  #uses = 0;

  constructor(
    readonly kind: string,
    pointer: Pointer,
    free: (pointer: Pointer) => void,
  ) {
    this.#pointer = pointer;
    this.#free = free;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws ClosedHandleError after `close()`. */
  get pointer(): Pointer {
    if (this.#closed) throw new ClosedHandleError(this.kind);
    return this.#pointer;
  }

  /**
   * Keeps the object from being freed until `release()`; each borrow needs its release.
   *
   * @throws ClosedHandleError after `close()`.
   */
  borrow(): Pointer {
    const { pointer } = this;
    this.#uses++;
    return pointer;
  }

  release(): void {
    this.#uses--;
    this.#freeIfUnused();
  }

  /** No use is possible from now on. Closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#freeIfUnused();
  }

  #freeIfUnused(): void {
    if (this.#closed && this.#uses === 0) this.#free(this.#pointer);
  }
}
