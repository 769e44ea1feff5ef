import {
  checkedFunction,
  ExplainedError,
  type Explanation,
  kinds,
  options,
} from '@elistimator/internal';

/** How a libtensorflow was found, in the order in which places are searched. */
export type LibrarySource =
  | 'option'
  | 'environment'
  | 'tfjs-node-gpu'
  | 'tfjs-node'
  | 'python'
  | 'system';

/** The Python installation that a library belongs to. */
export interface PythonInstallation {
  /** The interpreter's absolute path. */
  readonly interpreter: string;
  /** The absolute path of its virtual or conda environment; absent for an interpreter outside of one. */
  readonly environment?: string;
}

/** A libtensorflow on this machine. Its file was inspected but not opened. */
export interface FoundLibtensorflow {
  /** The library's absolute path, with symbolic links resolved. */
  readonly path: string;
  /** The `libtensorflow_framework` next to it, which the system's loader opens together with it. */
  readonly frameworkPath?: string;
  readonly source: LibrarySource;
  /** TensorFlow's version, such as `2.21.0`, if it can be read from file names. */
  readonly version?: string;
  readonly python?: PythonInstallation;
  /** True for a CUDA build, if it can be read from files. */
  readonly cuda?: boolean;
  /**
   * Directories of pip's CUDA libraries (`site-packages/nvidia/<part>/lib`) that the library's search path
   * doesn't include. Their libraries have to be opened before it, or it finds no GPU. Absent if there are none.
   */
  readonly cudaLibraryDirectories?: readonly string[];
}

/** A place that was searched, and the outcome. */
export interface SearchAttempt {
  /** A path, a variable, a package or a command. */
  readonly place: string;
  /** The library that was found there, or the reason why there is none. */
  readonly outcome: string;
}

/** The result of a search. */
export interface SearchReport {
  /** The first library in the order of {@link LibrarySource}; undefined if there is none. */
  readonly found?: FoundLibtensorflow;
  /** Other libraries. Complete only after a search with `all: true`. */
  readonly alternatives: readonly FoundLibtensorflow[];
  readonly attempts: readonly SearchAttempt[];
}

/** Thrown if a named path holds no libtensorflow, or if there is none on this machine. */
export class LibtensorflowNotFoundError extends ExplainedError {
  override readonly name = 'LibtensorflowNotFoundError';
  constructor(
    explanation: Explanation,
    readonly attempts: readonly SearchAttempt[],
    options?: ErrorOptions,
  ) {
    super(explanation, options);
  }
}

/** The machine to install libtensorflow on. */
export interface InstallTarget {
  /** As `process.platform` names it; this machine's by default. */
  readonly platform?: NodeJS.Platform;
  /** As `process.arch` names it; this machine's by default. */
  readonly arch?: string;
  /** Includes the libraries for an NVIDIA GPU. */
  readonly cuda?: boolean;
}

/**
 * The shell command that installs a libtensorflow where the search finds it, in `.venv` of the working
 * directory.
 */
export const installCommand = checkedFunction(
  'installCommand()',
  {
    target: options<InstallTarget>({
      platform: kinds.string,
      arch: kinds.string,
      cuda: kinds.boolean,
    }),
  },
  ({
    platform = process.platform,
    arch = process.arch,
    cuda = false,
  }: InstallTarget = {}): string => {
    const cpuPackage = platform === 'linux' && arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
    const distribution = cuda ? "'tensorflow[and-cuda]'" : cpuPackage;
    return `python3 -m venv .venv && .venv/bin/pip install ${distribution}`;
  },
);
