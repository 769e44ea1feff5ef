/** A backend that this package can start. */
export type BackendName = 'tfjs-node-gpu' | 'tfjs-node' | 'libtensorflow' | 'wasm' | 'cpu';

/** The name under which tfjs registers a backend: the argument of `tf.setBackend()`. */
export type TfBackendName = 'tensorflow' | 'wasm' | 'cpu';

/** A backend that was tried and failed. */
export interface RejectedBackend {
  readonly name: BackendName;
  readonly reason: string;
  /** A command that would help; the reason ends with it. */
  readonly command?: string;
}

/** The backend in use, and the reasons why others were rejected. */
export interface BackendReport {
  /** `own` for a backend that the application registered itself. */
  readonly name: BackendName | 'own';
  /** The name that `tf.getBackend()` returns. */
  readonly tfBackend: TfBackendName | (string & {});
  /** Version of TensorFlow, or of the npm package that implements the backend. */
  readonly version?: string;
  /** True if kernels run on a GPU. */
  readonly gpu: boolean;
  /** Backends that were tried before this one, in order. */
  readonly rejected: readonly RejectedBackend[];
  /** Options without effect: those of `gpu` if `auto` found no GPU. */
  readonly unused: readonly string[];
  /** Likely problems, such as several copies of tfjs in one process. */
  readonly warnings: readonly string[];
  /** The report as one line for a log. */
  readonly summary: string;
}

const MAX_REASON_LENGTH = 120;

/** The first line of a reason, shortened, but with a whole command. */
const shorten = ({ reason, command = '' }: RejectedBackend): string => {
  const text = reason.slice(0, reason.length - command.length);
  const [line = ''] = text.split('\n');
  const short = line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH - 1)}…` : line;
  const gap = command === '' || short.endsWith(' ') ? '' : ' ';
  return `${short}${gap}${command}`;
};

/** Formats a report as one line, such as `backend: wasm (4.22.0); not tfjs-node: not installed`. */
export const summarize = ({
  name,
  tfBackend,
  version,
  gpu,
  rejected,
  unused,
  warnings,
}: Omit<BackendReport, 'summary'>): string => {
  const library = tfBackend === 'tensorflow' ? `TensorFlow ${version}` : version;
  const details = [library, gpu ? 'GPU' : undefined].filter((detail) => detail !== undefined);
  return [
    `backend: ${name === 'own' ? tfBackend : name}${details.length > 0 ? ` (${details.join(', ')})` : ''}`,
    ...rejected.map((other) => `not ${other.name}: ${shorten(other)}`),
    ...(unused.length > 0 ? [`no GPU here for ${unused.join(', ')}`] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('; ');
};
