import { checkMethods, kinds, listNames, optional, options, required } from '@elistimator/internal';
import { bufferBytes, type Handle, type Pointer, type Runtime } from '../c-api';
import { OperationNotFoundError } from '../errors';
import { parseOutputName, TfOperation } from './operation';

/** Options for importing a GraphDef. */
export interface ImportOptions {
  /** Prepended to each name, with a slash in between. */
  readonly prefix?: string;
}

/** A TensorFlow graph. Call `close()` after use, or declare it with `using`. */
export class TfGraph {
  readonly #runtime: Runtime;
  readonly #handle: Handle;
  /** Never stale: operations can't be removed from a graph. */
  readonly #operations = new Map<string, TfOperation>();

  /** @internal Use `libtensorflow.graph()`. */
  constructor(runtime: Runtime) {
    const { c, handles } = runtime;
    this.#runtime = runtime;
    this.#handle = handles.own('Graph', this, c.TF_NewGraph(), c.TF_DeleteGraph);
  }

  /** @internal */
  get handle(): Handle {
    return this.#handle;
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  /**
   * Adds the nodes of a serialized `tensorflow.GraphDef`. If the import fails, the graph is unchanged.
   *
   * @throws ArgumentError if it isn't bytes
   * @throws TensorflowError if the GraphDef is damaged, doesn't fit the graph, or has operations that this
   *   version of TensorFlow doesn't have
   */
  importGraphDef(graphDef: Uint8Array, { prefix }: ImportOptions = {}): void {
    const { c, status } = this.#runtime;
    const graph = this.#handle.pointer;
    const options = c.TF_NewImportGraphDefOptions();
    const buffer = c.TF_NewBufferFromString(graphDef, graphDef.length);
    try {
      if (prefix !== undefined) c.TF_ImportGraphDefOptionsSetPrefix(options, prefix);
      c.TF_GraphImportGraphDef(graph, buffer, options, status.pointer);
      status.check('Graph import');
    } finally {
      c.TF_DeleteBuffer(buffer);
      c.TF_DeleteImportGraphDefOptions(options);
    }
  }

  /**
   * Serializes the graph as a `tensorflow.GraphDef`.
   *
   * @throws TensorflowError if it is larger than a GraphDef can be, which is 2 GiB
   */
  toGraphDef(): Uint8Array {
    const { c, status } = this.#runtime;
    const graph = this.#handle.pointer;
    const buffer = c.TF_NewBuffer();
    try {
      c.TF_GraphToGraphDef(graph, buffer, status.pointer);
      status.check('Graph export');
      return bufferBytes(buffer);
    } finally {
      c.TF_DeleteBuffer(buffer);
    }
  }

  /** The operation with a name, or undefined. */
  findOperation(name: string): TfOperation | undefined {
    const graph = this.#handle.pointer;
    const cached = this.#operations.get(name);
    if (cached !== undefined) return cached;
    // TensorFlow aborts the process for anything but a string.
    if (typeof name !== 'string') return undefined;
    const pointer = this.#runtime.c.TF_GraphOperationByName(graph, name);
    if (pointer === null) return undefined;
    const operation = new TfOperation(this.#runtime, this.#handle, pointer);
    this.#operations.set(name, operation);
    return operation;
  }

  /** @throws OperationNotFoundError if the graph has no operation with this name */
  operation(name: string): TfOperation {
    const operation = this.findOperation(name);
    if (operation !== undefined) return operation;
    const names = this.operations().map((existing) => existing.name);
    throw new OperationNotFoundError(
      {
        subject: 'Graph',
        expected: `an operation "${name}"`,
        actual: names.length === 0 ? 'an empty graph' : `operations ${listNames(names, 10)}`,
        fix: 'Use a name that operations() lists.',
      },
      name,
    );
  }

  /**
   * An output by name: `loss`, or `split:1` for the second output of `split`.
   *
   * @throws OperationNotFoundError if there is no such operation, or it has no such output
   */
  output(name: string): { readonly operation: TfOperation; readonly index: number } {
    const parsed = parseOutputName(name);
    const operation = this.operation(parsed.operation);
    const { outputCount } = operation;
    if (parsed.index < outputCount) return { operation, index: parsed.index };
    throw new OperationNotFoundError(
      {
        subject: `Operation "${parsed.operation}"`,
        expected: `an output ${parsed.index}`,
        actual: `${outputCount} outputs`,
        fix: 'Use an index below the number of outputs.',
      },
      parsed.operation,
    );
  }

  /** Every operation, in the order in which they were added to the graph. */
  operations(): TfOperation[] {
    const graph = this.#handle.pointer;
    const position = new BigUint64Array(1);
    const next = (): Pointer | null => this.#runtime.c.TF_GraphNextOperation(graph, position);
    const operations: TfOperation[] = [];
    for (let pointer = next(); pointer !== null; pointer = next()) {
      operations.push(new TfOperation(this.#runtime, this.#handle, pointer));
    }
    return operations;
  }

  /** Frees the graph once its last session is closed too. Closing again does nothing. */
  close(): void {
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Options for importing a GraphDef, and the kinds of their values. */
export const importOptions = options<ImportOptions>({ prefix: kinds.string });

checkMethods(TfGraph.prototype, 'graph.', {
  importGraphDef: { graphDef: required(kinds.bytes), options: importOptions },
  toGraphDef: {},
  // Any value is a name that no operation has.
  findOperation: { name: optional() },
  operation: { name: required(kinds.string) },
  output: { name: required(kinds.string) },
  operations: {},
  close: {},
});
