import { declareBuffer } from './buffer';
import { declareDevices } from './devices';
import { declareEager } from './eager';
import { declareGraph } from './graph';
import type { Library } from './library';
import { declareSession } from './session';
import { declareStatus } from './status';
import { declareTensor } from './tensor';

/**
 * The part of TensorFlow's C API that this package uses, by its own names.
 *
 * @throws LibraryLoadError when the library lacks a function.
 */
export const declareCApi = (library: Library) => ({
  TF_Version: library.declare<() => string>('const char *TF_Version()'),
  ...declareStatus(library),
  ...declareBuffer(library),
  ...declareTensor(library),
  ...declareGraph(library),
  ...declareSession(library),
  ...declareDevices(library),
  ...declareEager(library),
});

export type CApi = ReturnType<typeof declareCApi>;

export { bufferBytes } from './buffer';
export { Library, type Pointer } from './library';
export { memory } from './memory';
export { Status } from './status';
