import { nullSummarySink, type SummarySink } from '../ports/summary-sink';
import type { RunName } from './options';

/** The logs of an estimator's runs, in files that are opened at their first use. */
export class RunLogs {
  readonly #open: (run: RunName, globalStep: number) => SummarySink;
  readonly #sinks = new Map<RunName, SummarySink>();
  #runs: readonly RunName[] = [];
  #globalStep = 0;

  constructor(open: (run: RunName, globalStep: number) => SummarySink) {
    this.#open = open;
  }

  /**
   * Goes on from a step, in new files: what was logged after it is void.
   *
   * @param runs the runs that are logged; others record nothing
   */
  async start(globalStep: number, runs: readonly RunName[] = this.#runs): Promise<void> {
    await this.close();
    this.#runs = runs;
    this.#globalStep = globalStep;
  }

  /** Opens every run's file now. */
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

  async close(): Promise<void> {
    const sinks = [...this.#sinks.values()];
    this.#sinks.clear();
    await Promise.all(sinks.map((sink) => sink.close()));
  }
}
