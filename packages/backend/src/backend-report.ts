/** The name of a way to run tfjs kernels that this package can start. */
export type BackendName = 'tfjs-node-gpu' | 'tfjs-node' | 'libtensorflow' | 'wasm' | 'cpu';

/** What tfjs itself calls that backend: the argument of `tf.setBackend()`. */
export type TfBackendName = 'tensorflow' | 'wasm' | 'cpu';

/** A backend that was tried and not used. */
export interface RejectedBackend {
  readonly name: BackendName;
  readonly reason: string;
}

/** Which backend runs, and why the others do not. */
export interface BackendReport {
  /** `own`: a backend that the process had set up itself and that this package does not know. */
  readonly name: BackendName | 'own';
  /** tfjs's name of it, as `tf.getBackend()` gives it. */
  readonly tfBackend: TfBackendName | (string & {});
  /** Of libtensorflow, or of the npm package that implements the backend. */
  readonly version?: string;
  /** Whether kernels run on a GPU. */
  readonly gpu: boolean;
  /** Candidates before the chosen one, in the order they were tried. */
  readonly rejected: readonly RejectedBackend[];
  /** Options that have nothing to act on here: those of `gpu` where `auto` found no GPU. */
  readonly unused: readonly string[];
  /** What is likely to go wrong, as several copies of tfjs in one process. */
  readonly warnings: readonly string[];
  /** All of the above in one line. */
  readonly summary: string;
}
