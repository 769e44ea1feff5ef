import type { Device } from './devices';
import type { TensorData } from './dtypes';
import { Graph, type ImportOptions } from './graph';
import type { LiveHandles } from './handles/handle-ledger';
import { operationNames } from './operation-names';
import type { Runtime } from './runtime';
import { Session } from './session';
import type { SessionConfig } from './session-config';
import { loadSession } from './session-pointers';
import { Tensor } from './tensor';
import type { TensorValues } from './tensor-values';
import { tfjsBinding } from './tfjs/tfjs-binding';
import type { ClosableTfjsBinding } from './tfjs/tfjs-binding-type';

/** A SavedModel in memory: close both the session and the graph. */
export interface SavedModel {
  readonly graph: Graph;
  readonly session: Session;
  /** The serialised `tensorflow.MetaGraphDef`, which holds the signatures. */
  readonly metaGraphDef: Uint8Array;
}

/** An opened libtensorflow. It stays open until the process ends. */
export class Libtensorflow {
  /** TensorFlow's version, such as `2.21.0`. */
  readonly version: string;
  readonly #runtime: Runtime;

  /** @internal `loadLibtensorflow()` is the way to it from outside. */
  constructor(
    runtime: Runtime,
    /** The library's file. */
    readonly path: string,
  ) {
    this.#runtime = runtime;
    this.version = runtime.c.TF_Version();
  }

  /**
   * A new graph: empty, or with the nodes of a serialised `tensorflow.GraphDef`.
   *
   * @throws TensorflowError when TensorFlow refuses the GraphDef.
   */
  graph(graphDef?: Uint8Array, options?: ImportOptions): Graph {
    const graph = new Graph(this.#runtime);
    try {
      if (graphDef !== undefined) graph.importGraphDef(graphDef, options);
      return graph;
    } catch (error) {
      graph.close();
      throw error;
    }
  }

  /**
   * A session that runs a graph.
   *
   * @throws ConfigError for an option outside its range.
   * @throws TensorflowError when TensorFlow can't start one with these options.
   */
  session(graph: Graph, config?: SessionConfig): Session {
    return new Session(this.#runtime, graph, config);
  }

  /**
   * A tensor of values, row-major; of zeros, or empty strings, when they are left out.
   *
   * @throws TensorArgumentError when the values don't fit the shape or the dtype.
   * @throws TensorflowError when there is not enough memory.
   */
  tensor<D extends keyof TensorData>(
    dtype: D,
    shape: readonly number[],
    values?: TensorValues<D>,
  ): Tensor<D> {
    return Tensor.from(this.#runtime, dtype, shape, values);
  }

  /**
   * Loads a SavedModel and restores its variables.
   *
   * @param options.tags of its MetaGraphDef; `['serve']` when left out
   * @throws TensorflowError when the directory holds none with these tags, or it is damaged.
   */
  loadSavedModel(
    directory: string,
    { tags = ['serve'], ...config }: SessionConfig & { readonly tags?: readonly string[] } = {},
  ): SavedModel {
    const graph = new Graph(this.#runtime);
    try {
      const { session, metaGraphDef } = loadSession(
        this.#runtime,
        graph.handle.pointer,
        directory,
        tags,
        config,
      );
      return { graph, session: new Session(this.#runtime, graph, config, session), metaGraphDef };
    } catch (error) {
      graph.close();
      throw error;
    }
  }

  /**
   * What tfjs-node's kernels run on, over TensorFlow's eager API. Each call starts a context of its own.
   *
   * @throws ConfigError for an option outside its range.
   * @throws TensorflowError when TensorFlow can't start with these options.
   */
  tfjsBinding(config: SessionConfig = {}): ClosableTfjsBinding {
    return tfjsBinding(this.#runtime, config);
  }

  /** The devices that a session with these options can use. The first call on a GPU machine starts them. */
  devices(config?: SessionConfig): Device[] {
    using graph = this.graph();
    using session = this.session(graph, config);
    return session.devices();
  }

  /** The types of operation that this TensorFlow knows, sorted. */
  operationNames(): string[] {
    return operationNames(this.#runtime);
  }

  /** How many native objects of each kind are not freed: for finding what was left open. */
  liveHandles(): LiveHandles {
    return this.#runtime.handles.live;
  }
}
