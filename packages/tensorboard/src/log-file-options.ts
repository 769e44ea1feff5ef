import type { FlushOptions } from './flush-limits';

/** How a text file of a run is written. */
export interface LogFileOptions extends FlushOptions {
  /** In the run's directory. */
  readonly fileName?: string | undefined;
  /** The first step that this writer may record; lines at this step or later are taken out. */
  readonly purgeStep?: number | undefined;
  /** Seconds since the epoch. */
  readonly clock?: (() => number) | undefined;
}
