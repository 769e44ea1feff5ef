import { ClosedHandleError } from '../errors';
import type { Pointer } from './library';

/** The kinds of native objects that this package counts. */
export type HandleKind = 'Graph' | 'Session' | 'Tensor' | 'TFJSBinding' | 'TensorHandle';

/** The number of native objects of each kind that are not freed yet. */
export type LiveHandles = Readonly<Record<HandleKind, number>>;

/**
 * A native object that JavaScript owns. It is freed exactly once: when it is closed and no longer in use by a
 * run on another thread or by an ArrayBuffer over its memory.
 */
export class Handle {
  readonly #pointer: Pointer;
  readonly #free: (pointer: Pointer) => void;
  #closed = false;
  #uses = 0;

  constructor(
    readonly kind: HandleKind,
    pointer: Pointer,
    free: (pointer: Pointer) => void,
  ) {
    this.#pointer = pointer;
    this.#free = free;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws ClosedHandleError after `close()` */
  get pointer(): Pointer {
    this.assertOpen();
    return this.#pointer;
  }

  /** @throws ClosedHandleError after `close()` */
  assertOpen(): void {
    if (this.#closed) throw new ClosedHandleError(this.kind);
  }

  /**
   * Prevents the object from being freed until `release()` is called, once for each borrow.
   *
   * @throws ClosedHandleError after `close()`
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

  /** Rejects further use, and frees the object once it isn't borrowed. Closing again does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#freeIfUnused();
  }

  #freeIfUnused(): void {
    if (this.#closed && this.#uses === 0) this.#free(this.#pointer);
  }
}

/** Counts native objects, and closes those whose owner was garbage-collected without being closed. */
export class HandleLedger {
  readonly #live: Record<HandleKind, number> = {
    Graph: 0,
    Session: 0,
    Tensor: 0,
    TFJSBinding: 0,
    TensorHandle: 0,
  };

  // Only a safety net: the collector may run late or never.
  readonly #abandoned = new FinalizationRegistry<Handle>((handle) => handle.close());

  get live(): LiveHandles {
    return { ...this.#live };
  }

  /** Counts an object that is created or freed without a {@link Handle}. */
  count(kind: HandleKind, change: 1 | -1): void {
    this.#live[kind] += change;
  }

  /** @param owner when it is collected, the handle is closed; it must not be reachable from `free` */
  own(kind: HandleKind, owner: object, pointer: Pointer, free: (pointer: Pointer) => void): Handle {
    const handle = new Handle(kind, pointer, (address) => {
      this.#abandoned.unregister(handle);
      this.#live[kind]--;
      free(address);
    });
    this.#live[kind]++;
    this.#abandoned.register(owner, handle, handle);
    return handle;
  }
}
