type Key = string | symbol;

/** Replaces methods for a while and puts everything back, also what was an object's own already. */
export class Replacements {
  readonly #undo: (() => void)[] = [];

  /** `wrap` gets the method that was there, to call with the right `this`. */
  replace<T extends object, K extends keyof T & Key>(
    target: T,
    key: K,
    wrap: (original: T[K]) => T[K],
  ): void {
    const own = Object.getOwnPropertyDescriptor(target, key);
    const value = wrap(target[key]);
    Object.defineProperty(target, key, { value, configurable: true, writable: true });
    this.#undo.push(() => {
      if (own === undefined) delete target[key];
      else Object.defineProperty(target, key, own);
    });
  }

  /** Calls `undo` when everything is put back. */
  onRestore(undo: () => void): void {
    this.#undo.push(undo);
  }

  restore(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}
