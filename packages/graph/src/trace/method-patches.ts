/** Methods that are replaced for the time of a trace or of a call. */
export class MethodPatches {
  readonly #undo: (() => void)[] = [];

  /** @param wrap gets the original method, to call with the right `this` */
  replace<T extends object, K extends keyof T & (string | symbol)>(
    target: T,
    key: K,
    wrap: (original: T[K]) => T[K],
  ): void {
    const ownProperty = Object.getOwnPropertyDescriptor(target, key);
    const value = wrap(target[key]);
    Object.defineProperty(target, key, { value, configurable: true, writable: true });
    this.#undo.push(() => {
      if (ownProperty === undefined) delete target[key];
      else Object.defineProperty(target, key, ownProperty);
    });
  }

  onRestore(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Undoes all replacements, the last one first. */
  restore(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}
