/** Where a libtensorflow was found, in the order in which the places are searched. */
export type LibrarySource =
  | 'option'
  | 'environment'
  | 'tfjs-node-gpu'
  | 'tfjs-node'
  | 'python'
  | 'system';

/** The Python that a library belongs to. */
export interface PythonInstallation {
  /** Absolute path of the interpreter. */
  readonly interpreter: string;
  /** Absolute path of its virtual or conda environment; left out for an interpreter in none. */
  readonly environment?: string;
}

/** A libtensorflow on this machine. It was looked at, not opened. */
export interface FoundLibtensorflow {
  /** The library to open: absolute, with links resolved. */
  readonly path: string;
  /** `libtensorflow_framework` beside it, which the system's loader opens with it. */
  readonly frameworkPath?: string;
  readonly source: LibrarySource;
  /** TensorFlow's version, such as `2.21.0`, where files tell it. */
  readonly version?: string;
  readonly python?: PythonInstallation;
  /** Whether it is a build for CUDA, where files tell it. */
  readonly cuda?: boolean;
  /**
   * Directories of pip's CUDA libraries (`site-packages/nvidia/<part>/lib`) which the library's own search
   * path does not reach: their libraries have to be opened first, or it finds no GPU. Left out when
   * there is nothing to do.
   */
  readonly cudaLibraryDirectories?: readonly string[];
}

/** A place that was searched, and what came of it. */
export interface Look {
  readonly place: string;
  readonly outcome: string;
}

/** What a search found, and everything it looked at. */
export interface SearchReport {
  /** The first in the order of the sources; undefined when there is none. */
  readonly found?: FoundLibtensorflow;
  /** What else would do. Complete after a search with `all: true`. */
  readonly alternatives: readonly FoundLibtensorflow[];
  readonly looked: readonly Look[];
}
