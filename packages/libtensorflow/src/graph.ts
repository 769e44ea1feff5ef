import { bufferBytes, type Pointer } from './c-api';
import { OperationNotFoundError } from './errors';
import type { Handle } from './handles/handle';
import { Operation } from './operation';
import { type OutputName, parseOutputName } from './operation-output';
import type { Runtime } from './runtime';

/** How a GraphDef comes into a graph. */
export interface ImportOptions {
  /** Put before each name, with a slash between. */
  readonly prefix?: string;
}

/** A TensorFlow graph. `close()` it, or declare it with `using`. */
export class Graph {
  readonly #runtime: Runtime;
  readonly #handle: Handle;
  /** An operation never leaves its graph, so what was found once stays found. */
  readonly #found = new Map<string, Operation>();

  /** An empty graph. `libtensorflow.graph()` is the way to it from outside. */
  constructor(runtime: Runtime) {
    const { c, handles } = runtime;
    this.#runtime = runtime;
    this.#handle = handles.own('Graph', this, c.TF_NewGraph(), c.TF_DeleteGraph);
  }

  /** For this package's calls. */
  get handle(): Handle {
    return this.#handle;
  }

  get closed(): boolean {
    return this.#handle.closed;
  }

  /**
   * Adds the nodes of a serialised `tensorflow.GraphDef`. When it is refused, nothing is added.
   *
   * @throws TensorflowError for a GraphDef that is damaged, doesn't fit the graph, or has operations
   *   that this TensorFlow does not have.
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
   * The graph as a serialised `tensorflow.GraphDef`.
   *
   * @throws TensorflowError when it is too large for one: 2 GiB.
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

  /** The operation of this name, or undefined. */
  findOperation(name: string): Operation | undefined {
    const graph = this.#handle.pointer;
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    // TensorFlow would stop the process.
    if (typeof name !== 'string') return undefined;
    const pointer = this.#runtime.c.TF_GraphOperationByName(graph, name);
    if (pointer === null) return undefined;
    const operation = new Operation(this.#runtime, this.#handle, pointer);
    this.#found.set(name, operation);
    return operation;
  }

  /** @throws OperationNotFoundError when the graph has none of this name. */
  operation(name: string): Operation {
    const operation = this.findOperation(name);
    if (operation !== undefined) return operation;
    const names = this.operations().map((other) => `"${other.name}"`);
    const few = names.length > 10 ? [...names.slice(0, 10), `${names.length - 10} more`] : names;
    throw new OperationNotFoundError(
      {
        subject: 'Graph',
        expected: `an operation "${name}"`,
        actual: few.length === 0 ? 'an empty graph' : few.join(', '),
        fix: 'Take a name that operations() lists.',
      },
      name,
    );
  }

  /**
   * An output by its name: `loss`, or `split:1` for the second of an operation.
   *
   * @throws OperationNotFoundError when there is no such operation, or it has no such output.
   */
  output(name: string): { readonly operation: Operation; readonly index: number } {
    const parsed: OutputName = parseOutputName(name);
    const operation = this.operation(parsed.operation);
    const { outputCount } = operation;
    if (parsed.index < outputCount) return { operation, index: parsed.index };
    throw new OperationNotFoundError(
      {
        subject: `Operation "${parsed.operation}"`,
        expected: `an output ${parsed.index}`,
        actual: `${outputCount} outputs`,
        fix: 'Take an index below the number of outputs.',
      },
      parsed.operation,
    );
  }

  /** Every operation, in the order in which they came into the graph. */
  operations(): Operation[] {
    const graph = this.#handle.pointer;
    const position = new BigUint64Array(1);
    const next = (): Pointer | null => this.#runtime.c.TF_GraphNextOperation(graph, position);
    const operations: Operation[] = [];
    for (let pointer = next(); pointer !== null; pointer = next()) {
      operations.push(new Operation(this.#runtime, this.#handle, pointer));
    }
    return operations;
  }

  /** Frees the graph, once its last session is closed too. Closing again does nothing. */
  close(): void {
    this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
