import { reasonOf } from '@elistimator/internal';
import koffi, { type KoffiFunc, type LibraryHandle, type TypeObject } from 'koffi';
import { LibraryLoadError } from '../errors';

/** An address in memory as koffi represents it. A null pointer is `null`. */
export type Pointer = bigint;

/** A parameter whose memory the callee reads or writes in place. */
export type Memory = Pointer | ArrayBufferView | null;

// biome-ignore lint/suspicious/noExplicitAny: only a bound for function types; no value has this type.
type Signature = (...args: any) => any;

/** `RTLD_NOW | RTLD_NODELETE`. */
const noDelete: Partial<Record<NodeJS.Platform, number>> = {
  linux: 0x1002,
  darwin: 0x82,
};

/** `GET_MODULE_HANDLE_EX_FLAG_PIN`. */
const pinModule = 1;

/**
 * Keeps an opened library in the process until it ends. Without this, koffi closes it at exit while
 * TensorFlow's threads and exit handlers still use it, and the process ends with a segmentation fault.
 */
const pin = (path: string): void => {
  if (process.platform === 'win32') {
    const getModule = koffi
      .load('kernel32.dll')
      .func('int __stdcall GetModuleHandleExW(uint32_t, const char16_t *, void *)') as KoffiFunc<
      (flags: number, path: string, module: BigUint64Array) => number
    >;
    getModule(pinModule, path, new BigUint64Array(1));
    return;
  }
  const flags = noDelete[process.platform];
  if (flags === undefined) return;
  const open = koffi.load(null).func('void *dlopen(const char *, int)') as KoffiFunc<
    (path: string, flags: number) => bigint | null
  >;
  open(path, flags);
};

/** An opened shared library, whose C functions can be declared. */
export class Library {
  readonly #library: LibraryHandle;

  /** @throws LibraryLoadError if the system's loader rejects the file */
  constructor(readonly path: string) {
    try {
      this.#library = koffi.load(path);
      pin(path);
    } catch (cause) {
      throw this.#failure('a shared library that this process can open', cause);
    }
  }

  /**
   * @param prototype the C declaration, with `void *` for handles
   * @throws LibraryLoadError if the library has no such function
   */
  declare<S extends Signature>(prototype: string): KoffiFunc<S> {
    try {
      return this.#library.func(prototype) as KoffiFunc<S>;
    } catch (cause) {
      throw this.#failure(`a libtensorflow with the function ${prototype}`, cause);
    }
  }

  /** For functions that take a structure by value, because a prototype would need a global name for it. */
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
        actual: reasonOf(cause),
        fix: 'Pass the path of a libtensorflow 2.4 or newer that was built for this machine.',
      },
      this.path,
      { cause },
    );
  }
}
