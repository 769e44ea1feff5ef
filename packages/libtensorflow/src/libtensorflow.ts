import { fromBinary } from '@bufbuild/protobuf';
import { checkMethods, kinds, optional, options, pathOf, required } from '@elistimator/internal';
import { OpListSchema, type TensorData } from '@elistimator/protos';
import { bufferBytes, type Device, type LiveHandles, type Runtime } from './c-api';
import { type ImportOptions, importOptions, TfGraph } from './graph/graph';
import { loadSession } from './session/open-session';
import { TfSession } from './session/session';
import { type SessionConfig, sessionKeys, sessionOptions } from './session/session-config';
import { TfTensor } from './tensor/tensor';
import type { TensorValues } from './tensor/values';
import { tfjsBinding } from './tfjs/binding';
import type { ClosableTfjsBinding } from './tfjs/binding-types';

/** A SavedModel in memory. Close both the session and the graph after use. */
export interface LoadedSavedModel {
  readonly graph: TfGraph;
  readonly session: TfSession;
  /** The serialized `tensorflow.MetaGraphDef`, which holds the signatures. */
  readonly metaGraphDef: Uint8Array;
}

/** Options of `loadSavedModel()`. */
interface SavedModelOptions extends SessionConfig {
  readonly tags?: readonly string[];
}

/** An opened libtensorflow. It stays open until the process ends. */
export class Libtensorflow {
  /** TensorFlow's version, such as `2.21.0`. */
  readonly version: string;
  readonly #runtime: Runtime;

  /** @internal Use `loadLibtensorflow()`. */
  constructor(
    runtime: Runtime,
    /** The library's file. */
    readonly path: string,
  ) {
    this.#runtime = runtime;
    this.version = runtime.c.TF_Version();
  }

  /**
   * Creates a graph.
   *
   * @param graphDef a serialized `tensorflow.GraphDef` to import; the graph is empty by default
   * @throws TensorflowError if TensorFlow rejects the GraphDef
   */
  graph(graphDef?: Uint8Array, options?: ImportOptions): TfGraph {
    const graph = new TfGraph(this.#runtime);
    try {
      if (graphDef !== undefined) graph.importGraphDef(graphDef, options);
      return graph;
    } catch (error) {
      graph.close();
      throw error;
    }
  }

  /**
   * Creates a session that runs a graph.
   *
   * @throws ConfigError for an option that is out of range
   * @throws TensorArgumentError if `graph` is not a graph
   * @throws TensorflowError if TensorFlow can't start a session with these options
   */
  session(graph: TfGraph, config?: SessionConfig): TfSession {
    return new TfSession(this.#runtime, graph, config);
  }

  /**
   * Creates a tensor.
   *
   * @param values row-major; zeros, or empty strings, by default. They are copied.
   * @throws TensorArgumentError if the values don't fit the shape or the dtype
   * @throws TensorflowError if there is not enough memory
   */
  tensor<D extends keyof TensorData>(
    dtype: D,
    shape: readonly number[],
    values?: TensorValues<D>,
  ): TfTensor<D> {
    return TfTensor.from(this.#runtime, dtype, shape, values);
  }

  /**
   * Loads a SavedModel and restores its variables.
   *
   * @param options.tags the tags of its MetaGraphDef; `['serve']` by default
   * @throws TensorflowError if the directory has no SavedModel with these tags, or it is damaged
   */
  loadSavedModel(
    directory: string | URL,
    { tags = ['serve'], ...config }: SavedModelOptions = {},
  ): LoadedSavedModel {
    const graph = new TfGraph(this.#runtime);
    try {
      const { session, metaGraphDef } = loadSession(
        this.#runtime,
        graph.handle.pointer,
        pathOf(directory, 'directory'),
        tags,
        config,
      );
      return { graph, session: new TfSession(this.#runtime, graph, config, session), metaGraphDef };
    } catch (error) {
      graph.close();
      throw error;
    }
  }

  /**
   * Creates a binding on which the kernels of tfjs-node run. Each call creates a separate eager context.
   *
   * @throws ConfigError for an option that is out of range
   * @throws TensorflowError if TensorFlow can't start with these options
   */
  tfjsBinding(config: SessionConfig = {}): ClosableTfjsBinding {
    return tfjsBinding(this.#runtime, config);
  }

  /** The devices that a session with these options can use. On a GPU machine, the first call starts the GPUs. */
  devices(config?: SessionConfig): Device[] {
    using graph = this.graph();
    using session = this.session(graph, config);
    return session.devices();
  }

  /** The operation types of this TensorFlow, sorted: `Abort`, `Abs` and so on. */
  operationNames(): string[] {
    const { c } = this.#runtime;
    const buffer = c.TF_GetAllOpList();
    try {
      return fromBinary(OpListSchema, bufferBytes(buffer))
        .op.map(({ name }) => name)
        .sort();
    } finally {
      c.TF_DeleteBuffer(buffer);
    }
  }

  /** The number of native objects of each kind that are not freed, for finding leaks. */
  liveHandles(): LiveHandles {
    return this.#runtime.handles.live;
  }
}

checkMethods(Libtensorflow.prototype, 'libtensorflow.', {
  graph: { graphDef: optional(kinds.bytes), options: importOptions },
  session: { graph: optional(), config: sessionOptions },
  tensor: { dtype: required(), shape: required(), values: optional() },
  loadSavedModel: {
    directory: required(),
    options: options<SavedModelOptions>({ ...sessionKeys, tags: kinds.strings }),
  },
  tfjsBinding: { config: sessionOptions },
  devices: { config: sessionOptions },
  operationNames: {},
  liveHandles: {},
});
