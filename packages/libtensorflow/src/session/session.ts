import { checkAsyncMethods, checkMethods, kinds, requiredOptions } from '@elistimator/internal';
import { consumeDeviceList, type Device, type Handle, type Pointer, type Runtime } from '../c-api';
import { TensorArgumentError } from '../errors';
import { TfGraph } from '../graph/graph';
import { TfTensor } from '../tensor/tensor';
import { openSession } from './open-session';
import { type RunNames, RunPlan } from './run-plan';
import type { SessionConfig } from './session-config';

/** A run: values for the feeds by name, and the names of fetches and targets. */
export interface RunRequest extends Omit<RunNames, 'feeds'> {
  readonly feeds?: Readonly<Record<string, TfTensor>>;
}

/** A run whose names are already resolved: the fastest way to repeat it. */
export interface SessionCallable {
  /**
   * Runs on this thread.
   *
   * @param inputs a tensor for each feed, in order
   * @returns a tensor for each fetch, in order; the caller closes them
   */
  run(...inputs: readonly TfTensor[]): TfTensor[];
  /** Like `run()`, on another thread. */
  runAsync(...inputs: readonly TfTensor[]): Promise<TfTensor[]>;
}

const assertGraph = (graph: unknown): void => {
  if (graph instanceof TfGraph) return;
  throw new TensorArgumentError({
    subject: 'New session',
    expected: 'a graph from libtensorflow.graph()',
    actual: graph === null ? 'null' : typeof graph,
    fix: 'Pass the graph to run as the first argument.',
  });
};

/**
 * Runs a graph. Call `close()` after use, or declare it with `using`.
 *
 * Runs may overlap: an asynchronous run leaves the event loop free for others to start.
 */
export class TfSession {
  readonly #runtime: Runtime;
  readonly #handle: Handle;
  readonly #running = new Set<Promise<unknown>>();

  /** @internal Use `libtensorflow.session()`. */
  constructor(
    runtime: Runtime,
    readonly graph: TfGraph,
    config: SessionConfig = {},
    openedSession?: Pointer,
  ) {
    assertGraph(graph);
    const { c, status, handles } = runtime;
    const pointer = openedSession ?? openSession(runtime, graph.handle.pointer, config);
    this.#runtime = runtime;
    this.#handle = handles.own('Session', this, pointer, (address) => {
      c.TF_DeleteSession(address, status.pointer);
      status.check('Session close');
    });
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  /**
   * Runs on this thread and blocks it until the run ends.
   *
   * @returns a tensor for each fetch, in order; the caller closes them
   * @throws TensorflowError if the run fails, with TensorFlow's code and message
   * @throws OperationNotFoundError if a name is not in the graph
   * @throws ClosedHandleError if the session, its graph or an input is closed
   */
  run({ feeds = {}, ...names }: RunRequest): TfTensor[] {
    return this.makeCallable({ ...names, feeds: Object.keys(feeds) }).run(...Object.values(feeds));
  }

  /**
   * Runs on another thread. The session, its graph and the inputs may be closed meanwhile; they are freed when
   * the run ends. About as many runs as the machine has cores progress at a time, and the others wait.
   */
  async runAsync({ feeds = {}, ...names }: RunRequest): Promise<TfTensor[]> {
    const callable = this.makeCallable({ ...names, feeds: Object.keys(feeds) });
    return callable.runAsync(...Object.values(feeds));
  }

  /**
   * Resolves the names of a run, to repeat it without resolving them again.
   *
   * @throws OperationNotFoundError if a name is not in the graph
   */
  makeCallable(names: RunNames): SessionCallable {
    this.#handle.assertOpen();
    const plan = new RunPlan(this.#runtime, this.graph, names);
    return {
      run: (...inputs) => this.#run(plan, inputs),
      runAsync: (...inputs) => this.#runAsync(plan, inputs),
    };
  }

  /** The devices that this session may use. */
  devices(): Device[] {
    const { c, status } = this.#runtime;
    const list = c.TF_SessionListDevices(this.#handle.pointer, status.pointer);
    status.check('Listing devices');
    return consumeDeviceList(this.#runtime, list);
  }

  /** Rejects new runs; runs in progress complete normally. Closing again does nothing. */
  close(): void {
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes the session and waits for the runs in progress. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.allSettled(this.#running);
  }

  #run(plan: RunPlan, inputs: readonly TfTensor[]): TfTensor[] {
    this.#assertReady(plan, inputs);
    const outputs = plan.run(
      this.#handle.pointer,
      inputs.map(({ handle }) => handle.pointer),
    );
    return this.#adopt(outputs);
  }

  async #runAsync(plan: RunPlan, inputs: readonly TfTensor[]): Promise<TfTensor[]> {
    this.#assertReady(plan, inputs);
    const handles = [this.graph.handle, this.#handle, ...inputs.map(({ handle }) => handle)];
    for (const handle of handles) handle.borrow();
    const run = plan.runAsync(
      this.#handle.pointer,
      inputs.map(({ handle }) => handle.pointer),
    );
    this.#running.add(run);
    try {
      return this.#adopt(await run);
    } finally {
      this.#running.delete(run);
      for (const handle of handles) handle.release();
    }
  }

  /** Called before anything is borrowed, so that a rejected run has nothing to release. */
  #assertReady({ feedCount }: RunPlan, inputs: readonly TfTensor[]): void {
    this.#handle.assertOpen();
    this.graph.handle.assertOpen();
    const fail = (expected: string, actual: string): never => {
      throw new TensorArgumentError({
        subject: 'Session run',
        expected,
        actual,
        fix: 'Pass one tensor for each feed that the callable was made with.',
      });
    };
    for (const [index, input] of inputs.entries()) {
      if (!(input instanceof TfTensor)) fail(`a tensor for feed ${index}`, typeof input);
      input.handle.assertOpen();
    }
    if (inputs.length !== feedCount) fail(`${feedCount} inputs`, String(inputs.length));
  }

  #adopt(outputs: readonly Pointer[]): TfTensor[] {
    const tensors: TfTensor[] = [];
    for (const [index, output] of outputs.entries()) {
      try {
        tensors.push(TfTensor.adopt(this.#runtime, output));
      } catch (error) {
        for (const tensor of tensors) tensor.close();
        for (const unread of outputs.slice(index + 1)) this.#runtime.c.TF_DeleteTensor(unread);
        throw error;
      }
    }
    return tensors;
  }
}

const request = requiredOptions<RunRequest>({
  feeds: kinds.object,
  fetches: kinds.strings,
  targets: kinds.strings,
});

checkMethods(TfSession.prototype, 'session.', {
  run: { request },
  makeCallable: {
    names: requiredOptions<RunNames>({
      feeds: kinds.strings,
      fetches: kinds.strings,
      targets: kinds.strings,
    }),
  },
  devices: {},
  close: {},
});
checkAsyncMethods(TfSession.prototype, 'session.', { runAsync: { request } });
