import { Semaphore } from '@elistimator/internal';
import type { Pointer, Runtime } from '../c-api';
import type { TfGraph } from '../graph/graph';

/** The names of a run's feeds, fetches and targets. */
export interface RunNames {
  /** Outputs whose values the caller supplies, such as `images` or `dataset/next:1`. */
  readonly feeds?: readonly string[];
  /** Outputs whose values the run returns. */
  readonly fetches?: readonly string[];
  /** Operations to run without fetching anything from them, such as `train_step`. */
  readonly targets?: readonly string[];
}

/** Lays out `TF_Output` as C does: the operation's address, the index, and four bytes of padding. */
const encodeOutputs = (graph: TfGraph, names: readonly string[]): BigUint64Array => {
  const array = new BigUint64Array(names.length * 2);
  for (const [position, name] of names.entries()) {
    const { operation, index } = graph.output(name);
    array[position * 2] = operation.pointer;
    array[position * 2 + 1] = BigInt(index);
  }
  return array;
};

/** koffi doesn't queue asynchronous calls: beyond 256 of them, in any library, it throws. */
const asyncCalls = new Semaphore(64);

/** A run whose names are resolved once and that can be repeated. */
export class RunPlan {
  readonly feedCount: number;
  readonly #feeds: BigUint64Array;
  readonly #fetches: BigUint64Array;
  readonly #targets: BigUint64Array;
  readonly #runtime: Runtime;
  /** Protects arrays that another thread reads or writes from the garbage collector. */
  readonly #pinned = new Set<readonly unknown[]>();

  /** @throws OperationNotFoundError if a name is not in the graph */
  constructor(
    runtime: Runtime,
    graph: TfGraph,
    { feeds = [], fetches = [], targets = [] }: RunNames,
  ) {
    this.#runtime = runtime;
    this.feedCount = feeds.length;
    this.#feeds = encodeOutputs(graph, feeds);
    this.#fetches = encodeOutputs(graph, fetches);
    this.#targets = BigUint64Array.from(targets, (name) => graph.operation(name).pointer);
  }

  /**
   * Runs on this thread.
   *
   * @param inputs the address of a `TF_Tensor` for each feed
   * @returns the address of a new `TF_Tensor` for each fetch
   * @throws TensorflowError if the run fails
   */
  run(session: Pointer, inputs: readonly Pointer[]): Pointer[] {
    const { c, status } = this.#runtime;
    const values = new BigUint64Array(this.#fetches.length / 2);
    c.TF_SessionRun(...this.#arguments(session, inputs, values), null, status.pointer);
    status.check('Session run');
    return Array.from(values);
  }

  /** Like `run()`, on another thread. The caller keeps session and inputs alive until it settles. */
  async runAsync(session: Pointer, inputs: readonly Pointer[]): Promise<Pointer[]> {
    const { c } = this.#runtime;
    const values = new BigUint64Array(this.#fetches.length / 2);
    const parameters = this.#arguments(session, inputs, values);
    const status = this.#runtime.newStatus();
    this.#pinned.add(parameters);
    try {
      await asyncCalls.run(
        () =>
          new Promise<void>((resolve, reject) => {
            c.TF_SessionRun.async(...parameters, null, status.pointer, (error: Error | null) => {
              if (error === null) resolve();
              else reject(error);
            });
          }),
      );
      status.check('Session run');
      return Array.from(values);
    } finally {
      this.#pinned.delete(parameters);
      status.delete();
    }
  }

  #arguments(session: Pointer, inputs: readonly Pointer[], values: BigUint64Array) {
    return [
      session,
      null,
      this.#feeds,
      BigUint64Array.from(inputs),
      inputs.length,
      this.#fetches,
      values,
      values.length,
      this.#targets,
      this.#targets.length,
    ] as const;
  }
}
