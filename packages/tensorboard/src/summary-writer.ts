import { openRun, type Run, type SummaryWriterOptions } from './run';
import { SummaryRecorder } from './summary-recorder';

/**
 * Writes a run's event file, for TensorBoard. What is recorded goes to the disk in the background:
 * after `flushSecs`, at `flushBytes`, at `flush()` and `close()`, and when the process exits.
 */
export class SummaryWriter extends SummaryRecorder {
  readonly #run: Run;

  /**
   * Creates the directory, with its parents, and a new event file in it.
   *
   * @param logDir the run's directory
   * @throws the file system's error when that can't be done; SummaryOptionError
   */
  constructor(logDir: string, options: SummaryWriterOptions = {}) {
    const run = openRun(logDir, options);
    super(run, '');
    this.#run = run;
  }

  /**
   * Writes what is left and releases the file; nothing may be recorded afterwards.
   *
   * @throws EventWriteError what went wrong in the background
   */
  close(): Promise<void> {
    return this.#run.writer.close();
  }

  /** Closes at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
