import koffi, { type KoffiFunc, type LibraryHandle, type TypeObject } from 'koffi';
import { LibraryLoadError } from '../errors';
import { pin } from './pin';

/** An address in memory, as koffi gives it. A null pointer is `null`. */
export type Pointer = bigint;

/** A parameter that the callee reads from, or writes to, in place. */
export type Memory = Pointer | ArrayBufferView | null;

// biome-ignore lint/suspicious/noExplicitAny: the bound of a function's type, never its value.
type Signature = (...args: any) => any;

/** Declares C functions of one opened library. */
export class Library {
  readonly #library: LibraryHandle;

  /** @throws LibraryLoadError when the system's loader refuses the file. */
  constructor(readonly path: string) {
    try {
      this.#library = koffi.load(path);
      pin(path);
    } catch (cause) {
      throw this.#failure('a shared library that this process can open', cause);
    }
  }

  /**
   * @param prototype the function as C declares it. Handles are `void *`.
   * @throws LibraryLoadError when the library has no such function.
   */
  declare<S extends Signature>(prototype: string): KoffiFunc<S> {
    try {
      return this.#library.func(prototype) as KoffiFunc<S>;
    } catch (cause) {
      throw this.#failure(`a libtensorflow with the function ${prototype}`, cause);
    }
  }

  /** For functions that take a structure by value, which a prototype can't name without a global name. */
  declareTypes<S extends Signature>(
    name: string,
    result: string,
    parameters: readonly (string | TypeObject)[],
  ): KoffiFunc<S> {
    try {
      return this.#library.func(name, result, [...parameters]) as KoffiFunc<S>;
    } catch (cause) {
      throw this.#failure(`a libtensorflow with the function ${name}`, cause);
    }
  }

  #failure(expected: string, cause: unknown): LibraryLoadError {
    return new LibraryLoadError(
      {
        subject: this.path,
        expected,
        actual: cause instanceof Error ? cause.message : String(cause),
        fix: 'Give the path of a libtensorflow of version 2.4 or newer, built for this machine.',
      },
      this.path,
      { cause },
    );
  }
}
