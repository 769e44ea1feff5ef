import type { Pointer } from '../c-api';
import { Handle } from './handle';

/** What of TensorFlow's can be held from JavaScript. */
export type HandleKind = 'Graph' | 'Session' | 'Tensor' | 'TFJSBinding' | 'TensorHandle';

/** How many native objects of each kind are not freed yet. */
export type LiveHandles = Readonly<Record<HandleKind, number>>;

/** Counts native objects, and closes those whose owner was collected without being closed. */
export class HandleLedger {
  readonly #live: Record<HandleKind, number> = {
    Graph: 0,
    Session: 0,
    Tensor: 0,
    TFJSBinding: 0,
    TensorHandle: 0,
  };

  // A safety net: nobody knows when, or whether, the collector runs.
  readonly #abandoned = new FinalizationRegistry<Handle>((handle) => handle.close());

  get live(): LiveHandles {
    return { ...this.#live };
  }

  /** Counts an object whose owner frees it by itself. */
  count(kind: HandleKind, change: 1 | -1): void {
    this.#live[kind] += change;
  }

  /**
   * @param owner the object whose collection closes the handle; it must not be reachable from `free`
   */
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
