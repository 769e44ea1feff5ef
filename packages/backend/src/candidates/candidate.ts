import type { BackendOptions, OptionPath } from '../backend-options';
import type { BackendName, TfBackendName } from '../backend-report';

/** What a backend says of itself once it runs. */
export interface StartedBackend {
  readonly version?: string;
  /** Whether its kernels run on a GPU. */
  readonly gpu: boolean;
}

/** One way to run tfjs kernels. */
export interface Candidate {
  readonly name: BackendName;
  readonly tfBackend: TfBackendName;
  /** Whether it might find a GPU, so that options of `gpu` matter before it starts. */
  readonly mayUseGpu: boolean;
  /** Whether it does what the option asks, given that there is what the option speaks of. */
  honours(path: OptionPath, options: BackendOptions): boolean;
  /**
   * Makes it the backend of this process.
   *
   * @throws Error whose message is the reason why it can't be.
   */
  start(options: BackendOptions): Promise<StartedBackend>;
}
