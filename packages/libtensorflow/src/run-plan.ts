import type { Pointer } from './c-api';
import type { Graph } from './graph';
import type { Runtime } from './runtime';
import { Turns } from './turns';

/** The names of one kind of run: what it is fed, what it gives back, what else it does. */
export interface RunNames {
  /** Outputs whose values are given, such as `images` or `dataset/next:1`. */
  readonly feeds?: readonly string[];
  /** Outputs whose values are wanted. */
  readonly fetches?: readonly string[];
  /** Operations that are to run without giving anything, such as `train_step`. */
  readonly targets?: readonly string[];
}

/** `TF_Output` as C lays it out: the operation's address, the index and four unused bytes. */
const outputs = (graph: Graph, names: readonly string[]): BigUint64Array => {
  const array = new BigUint64Array(names.length * 2);
  for (const [at, name] of names.entries()) {
    const { operation, index } = graph.output(name);
    array[at * 2] = operation.pointer;
    array[at * 2 + 1] = BigInt(index);
  }
  return array;
};

/** koffi refuses calls beyond 256, of any library, instead of letting them wait. */
const threads = new Turns(64);

/** The names of a run, resolved once for many runs. */
export class RunPlan {
  readonly feedCount: number;
  readonly #feeds: BigUint64Array;
  readonly #fetches: BigUint64Array;
  readonly #targets: BigUint64Array;
  readonly #runtime: Runtime;
  /** Arrays that another thread reads or writes: nothing else keeps them from being collected. */
  readonly #pinned = new Set<readonly unknown[]>();

  /** @throws OperationNotFoundError when a name is not in the graph. */
  constructor(
    runtime: Runtime,
    graph: Graph,
    { feeds = [], fetches = [], targets = [] }: RunNames,
  ) {
    this.#runtime = runtime;
    this.feedCount = feeds.length;
    this.#feeds = outputs(graph, feeds);
    this.#fetches = outputs(graph, fetches);
    this.#targets = BigUint64Array.from(targets, (name) => graph.operation(name).pointer);
  }

  /**
   * Runs on this thread.
   *
   * @param inputs the address of a `TF_Tensor` for each feed
   * @returns the address of a new `TF_Tensor` for each fetch
   * @throws TensorflowError when the run fails.
   */
  run(session: Pointer, inputs: readonly Pointer[]): Pointer[] {
    const { c, status } = this.#runtime;
    const values = new BigUint64Array(this.#fetches.length / 2);
    c.TF_SessionRun(...this.#arguments(session, inputs, values), null, status.pointer);
    status.check('Session run');
    return Array.from(values);
  }

  /** The same on another thread. The caller keeps session and inputs alive until it settles. */
  async runAsync(session: Pointer, inputs: readonly Pointer[]): Promise<Pointer[]> {
    const { c } = this.#runtime;
    const values = new BigUint64Array(this.#fetches.length / 2);
    const given = this.#arguments(session, inputs, values);
    const status = this.#runtime.newStatus();
    this.#pinned.add(given);
    try {
      await threads.take(
        () =>
          new Promise<void>((resolve, reject) => {
            c.TF_SessionRun.async(...given, null, status.pointer, (error: Error | null) => {
              if (error === null) resolve();
              else reject(error);
            });
          }),
      );
      status.check('Session run');
      return Array.from(values);
    } finally {
      this.#pinned.delete(given);
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
