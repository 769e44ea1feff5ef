import { nullSummarySink, type SummarySink } from '../ports';

/** The two TensorBoard runs of an estimator. */
export type RunName = 'train' | 'validation';

/** The logs of an estimator's TensorBoard runs, in files that are opened at first use. */
export class RunLogs {
  readonly #open: (run: RunName, globalStep: number) => SummarySink;
  readonly #sinks = new Map<RunName, SummarySink>();
  #runs: readonly RunName[] = [];
  #globalStep = 0;

  constructor(open: (run: RunName, globalStep: number) => SummarySink) {
    this.#open = open;
  }

  /**
   * Continues from a step, in new files that void what was logged after it.
   *
   * @param runs the runs to log; others record nothing. Default: the same as before
   */
  async start(globalStep: number, runs: readonly RunName[] = this.#runs): Promise<void> {
    await this.close();
    this.#runs = runs;
    this.#globalStep = globalStep;
  }

  /** Opens the files of all runs. */
  open(): void {
    for (const run of this.#runs) this.sink(run);
  }

  sink(run: RunName): SummarySink {
    if (!this.#runs.includes(run)) return nullSummarySink;
    const existing = this.#sinks.get(run);
    if (existing !== undefined) return existing;
    const sink = this.#open(run, this.#globalStep);
    this.#sinks.set(run, sink);
    return sink;
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#sinks.values()].map((sink) => sink.flush()));
  }

  /** Runs a task and flushes the logs. An error of the task takes precedence over one of the flush. */
  async flushedAfter<T>(task: () => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await task();
    } catch (error) {
      await this.flush().catch(() => {});
      throw error;
    }
    await this.flush();
    return result;
  }

  async close(): Promise<void> {
    const sinks = [...this.#sinks.values()];
    this.#sinks.clear();
    await Promise.all(sinks.map((sink) => sink.close()));
  }
}
