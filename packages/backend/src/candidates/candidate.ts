import type { BackendOptions, OptionPath } from '../api/options';
import type { BackendName, TfBackendName } from '../api/report';

export interface StartedBackend {
  readonly version?: string;
  /** True if its kernels run on a GPU. */
  readonly gpu: boolean;
}

/** Why a candidate can't start, with the command that would help. */
export class AdvisedError extends Error {
  constructor(
    reason: string,
    /** A command for a shell. The message ends with it. */
    readonly command: string,
    options?: ErrorOptions,
  ) {
    super(`${reason}: ${command}`, options);
  }
}

/** One way to run tfjs kernels. */
export interface Candidate {
  readonly name: BackendName;
  readonly tfBackend: TfBackendName;
  /** True if the backend may find a GPU once it starts, so that options of `gpu` may apply. */
  readonly canUseGpu: boolean;
  /**
   * True if the backend supports an option with the value in `options`. For options of `gpu`,
   * assume a GPU.
   */
  supports(path: OptionPath, options: BackendOptions): boolean;
  /**
   * Makes it the backend of this process.
   *
   * @throws Error whose message is the reason why it can't start.
   */
  start(options: BackendOptions): Promise<StartedBackend>;
}
