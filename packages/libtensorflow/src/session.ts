import { type Device, takeDevices } from './devices';
import { TensorArgumentError } from './errors';
import type { Graph } from './graph';
import type { Handle } from './handles/handle';
import { type RunNames, RunPlan } from './run-plan';
import type { Runtime } from './runtime';
import type { SessionConfig } from './session-config';
import { newSession } from './session-pointers';
import { Tensor } from './tensor';

/** One run: values for the feeds by name, and the names of what is wanted. */
export interface RunRequest extends Omit<RunNames, 'feeds'> {
  readonly feeds?: Readonly<Record<string, Tensor>>;
}

/** A run whose names are resolved: the fast way to do the same over and over. */
export interface SessionCallable {
  /** One tensor for each feed, in their order; gives one for each fetch, to be closed by the caller. */
  run(...inputs: readonly Tensor[]): Tensor[];
  /** The same on another thread. */
  runAsync(...inputs: readonly Tensor[]): Promise<Tensor[]>;
}

/**
 * Runs a graph. `close()` it, or declare it with `using`.
 *
 * Runs may overlap: an asynchronous one leaves the event loop free, and others may start meanwhile.
 */
export class Session {
  readonly #runtime: Runtime;
  readonly #handle: Handle;
  readonly #running = new Set<Promise<unknown>>();

  /** @internal `libtensorflow.session()` is the way to it from outside. */
  constructor(
    runtime: Runtime,
    readonly graph: Graph,
    config: SessionConfig = {},
    pointer = newSession(runtime, graph.handle.pointer, config),
  ) {
    const { c, status, handles } = runtime;
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
   * Runs on this thread, which does nothing else meanwhile.
   *
   * @returns a tensor for each fetch, in their order; the caller closes them
   * @throws TensorflowError with TensorFlow's code and message when the run fails.
   * @throws OperationNotFoundError when a name is not in the graph.
   * @throws ClosedHandleError when the session, its graph or an input is closed.
   */
  run({ feeds = {}, ...names }: RunRequest): Tensor[] {
    return this.makeCallable({ ...names, feeds: Object.keys(feeds) }).run(...Object.values(feeds));
  }

  /**
   * Runs on another thread. What it was given may be closed while it runs: it is freed afterwards.
   * About as many runs as the machine has cores progress at a time; others wait for their turn.
   */
  async runAsync({ feeds = {}, ...names }: RunRequest): Promise<Tensor[]> {
    const callable = this.makeCallable({ ...names, feeds: Object.keys(feeds) });
    return callable.runAsync(...Object.values(feeds));
  }

  /** @throws OperationNotFoundError when a name is not in the graph. */
  makeCallable(names: RunNames): SessionCallable {
    this.#handle.pointer;
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
    status.check('Session devices');
    return takeDevices(this.#runtime, list);
  }

  /** No run can start from now on; those under way end as they would have. Closing again does nothing. */
  close(): void {
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes, and waits for the runs under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await Promise.allSettled(this.#running);
  }

  #run(plan: RunPlan, inputs: readonly Tensor[]): Tensor[] {
    this.#check(plan, inputs);
    const outputs = plan.run(
      this.#handle.pointer,
      inputs.map(({ handle }) => handle.pointer),
    );
    return this.#adopt(outputs);
  }

  async #runAsync(plan: RunPlan, inputs: readonly Tensor[]): Promise<Tensor[]> {
    this.#check(plan, inputs);
    const used = [this.graph.handle, this.#handle, ...inputs.map(({ handle }) => handle)];
    for (const handle of used) handle.borrow();
    const run = plan.runAsync(
      this.#handle.pointer,
      inputs.map(({ handle }) => handle.pointer),
    );
    this.#running.add(run);
    try {
      return this.#adopt(await run);
    } finally {
      this.#running.delete(run);
      for (const handle of used) handle.release();
    }
  }

  /** Before anything is borrowed, so that a refused run leaves nothing behind. */
  #check({ feedCount }: RunPlan, inputs: readonly Tensor[]): void {
    for (const { pointer } of [this.#handle, this.graph.handle]) void pointer;
    for (const { handle } of inputs) void handle.pointer;
    if (inputs.length === feedCount) return;
    throw new TensorArgumentError({
      subject: 'Session run',
      expected: `${feedCount} inputs`,
      actual: String(inputs.length),
      fix: 'Give one tensor for each feed that the callable was made with.',
    });
  }

  #adopt(outputs: readonly bigint[]): Tensor[] {
    const tensors: Tensor[] = [];
    for (const [at, output] of outputs.entries()) {
      try {
        tensors.push(Tensor.adopt(this.#runtime, output));
      } catch (error) {
        for (const tensor of tensors) tensor.close();
        for (const rest of outputs.slice(at + 1)) this.#runtime.c.TF_DeleteTensor(rest);
        throw error;
      }
    }
    return tensors;
  }
}
