/** What the suite runs on. */
export type Configuration = 'cpu' | 'wasm' | 'libtensorflow' | 'replay';

/** The outcome of a spec, or in `replay` of the calls within it. */
export interface SpecResult {
  /** The test file in tfjs-core's `dist`, without its extension. */
  readonly file: string;
  /** The spec's name after those of its suites, joined by ` > `. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** The messages of the failed expectations. */
  readonly failures: readonly string[];
}

/** What a run reports in addition to its specs. */
export interface RunSummary {
  /** The number of specs that ended with each backend, by its name and class. */
  readonly backends: Readonly<Record<string, number>>;
  /** Errors outside of specs. */
  readonly errors: readonly string[];
  /** In `replay`, the number of calls by outcome. */
  readonly calls: Readonly<Record<string, number>>;
}

export interface Report extends RunSummary {
  readonly specs: readonly SpecResult[];
}

/** A message from the process that runs the specs. */
export type RunMessage =
  | { readonly type: 'started'; readonly name: string }
  | { readonly type: 'spec'; readonly spec: SpecResult }
  | { readonly type: 'done'; readonly summary: RunSummary };
