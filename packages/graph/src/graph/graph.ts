import * as tf from '@tensorflow/tfjs';
import { optimize } from '../passes/optimize';
import type { Feeds } from '../replay/feeds';
import { type Root, Runner } from '../replay/runner';
import { assignableVariable, commit, findVariable, type VariableSource } from '../replay/variables';
import { fromBytes } from '../store/from-bytes';
import { toBytes } from '../store/to-bytes';
import { toGraphDef } from '../store/to-graph-def';
import { Lookup } from './lookup';
import { mergeDefinitions } from './merge';
import { describeOperation, type Operation } from './operation';
import type {
  GraphDefinition,
  GraphNode,
  PlaceholderNode,
  Signature,
  TensorSpec,
  VariableNode,
} from './types';
import { validate } from './validate';

/** Tensors under names, in order; there may be more tensors than names. */
const record = (names: readonly string[], tensors: readonly tf.Tensor[]): tf.NamedTensorMap =>
  Object.fromEntries(names.map((name, at) => [name, tensors[at] as tf.Tensor]));

const isPlaceholder = (node: GraphNode): node is PlaceholderNode => node.kind === 'placeholder';
const isVariable = (node: GraphNode): node is VariableNode => node.kind === 'variable';

/** Names of tensors: one, a list, or a record of them under names of the caller's. */
export type Fetches = string | readonly string[] | Readonly<Record<string, string>>;

/** Tensors in the form of the fetches. */
export type Fetched<F extends Fetches> = F extends string
  ? tf.Tensor
  : { -readonly [Key in keyof F]: tf.Tensor };

/** What a run goes by, beside what it is fed. */
export interface RunOptions {
  /** The values of variables, by name; without it those that the graph was traced with. */
  readonly variables?: VariableSource | undefined;
  /** Decides what the random operations draw; without it every run draws something else. */
  readonly seed?: number | undefined;
}

/** A run that looks names up among the outputs of a signature first. */
export interface FetchOptions extends RunOptions {
  readonly signature?: string | undefined;
}

/** A run of a signature: which of its outputs, and whether to assign its updates. */
export interface SignatureOptions extends RunOptions {
  /** The outputs to compute; all of them without it. */
  readonly outputs?: readonly string[] | undefined;
  /** Whether to assign the variables at the end, all together; `updates` is empty then. */
  readonly commit?: boolean | undefined;
}

/** What a signature gives; the caller disposes it. */
export interface SignatureResult {
  readonly outputs: Record<string, tf.Tensor>;
  /** The variables' new values by name, none of them assigned yet. */
  readonly updates: Record<string, tf.Tensor>;
}

/** A variable that a graph reads or assigns. */
export interface VariableDescription extends TensorSpec {
  readonly name: string;
  readonly trainable: boolean;
}

/** A placeholder of a graph. The batch is `{ batch: [0, 1, 0] }` in its shape. */
export interface PlaceholderDescription extends TensorSpec {
  readonly name: string;
}

/** Where a graph that was not traced here finds what it needs. */
export interface GraphOptions {
  /** The variables that runs take where their options give none. */
  readonly variables?: VariableSource | undefined;
}

/**
 * A computation on placeholders and variables, and the named ways to run it. It never changes, and
 * holds neither training data nor the values of variables.
 */
export class Graph implements GraphDefinition {
  readonly nodes: readonly GraphNode[];
  readonly signatures: Readonly<Record<string, Signature>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly placeholders: readonly PlaceholderDescription[];
  readonly variables: readonly VariableDescription[];
  readonly #byName: ReadonlyMap<string, GraphNode>;
  readonly #lookup: Lookup;
  readonly #runner: Runner;
  readonly #source: VariableSource | undefined;
  #operations: readonly Operation[] | undefined;

  /** @throws GraphFormatError when the parts do not fit together */
  constructor(
    { nodes, signatures, metadata = {} }: GraphDefinition,
    { variables }: GraphOptions = {},
  ) {
    this.nodes = Object.freeze([...nodes]);
    this.signatures = Object.freeze({ ...signatures });
    this.metadata = Object.freeze({ ...metadata });
    this.#byName = validate(this);
    this.#lookup = new Lookup(this);
    this.#runner = new Runner(this);
    this.#source = variables;
    this.placeholders = nodes
      .filter(isPlaceholder)
      .map(({ name, outputs: [spec] }) => ({ name, ...spec }));
    this.variables = nodes
      .filter(isVariable)
      .map(({ name, trainable, outputs: [spec] }) => ({ name, trainable, ...spec }));
  }

  /**
   * One graph with every signature. Placeholders and variables are shared by name, and what the
   * graphs compute alike is computed once; its operations keep the names of the first graph.
   *
   * @throws GraphMergeError when names clash
   */
  static merge(graphs: readonly Graph[]): Graph {
    const sources = graphs.map((graph) => graph.#source);
    return new Graph(optimize(mergeDefinitions(graphs)), {
      variables: (name) => {
        for (const source of sources) {
          const found = source && findVariable(source, name);
          if (found !== undefined) return found;
        }
        return undefined;
      },
    });
  }

  /**
   * Reads what {@link toBytes} wrote. The graph has no variables: runs are given them.
   *
   * @throws GraphFormatError when the bytes are damaged, are no graph, or are of a newer version
   */
  static fromBytes(bytes: Uint8Array, options: GraphOptions = {}): Graph {
    return new Graph(fromBytes(bytes), options);
  }

  /** All operations, in the order in which they run. */
  get operations(): readonly Operation[] {
    this.#operations ??= this.nodes.map((node) => describeOperation(node, this.nodes));
    return this.#operations;
  }

  /** @throws UnknownOperationError with names near to this one */
  operation(name: string): Operation {
    const place = this.#lookup.operation(name);
    return describeOperation(this.nodes[place] as GraphNode, this.nodes);
  }

  /**
   * The dtype and shape of a tensor: of an operation's output (`dense/MatMul`, `split:1`) or of a
   * signature's.
   *
   * @throws UnknownOperationError with names near to this one
   */
  tensor(name: string, signature?: string): TensorSpec {
    const { node, output } = this.#lookup.tensor(name, signature);
    return this.nodes[node]?.outputs[output] as TensorSpec;
  }

  /** @throws UnknownOperationError with names near to this one */
  signature(name: string): Signature {
    return this.#lookup.signature(name);
  }

  /**
   * Computes tensors by name, and only what they need.
   *
   * @param feeds by placeholder: tensors, or values that become one; others than those needed are ignored
   * @returns tensors in the form of the fetches; the caller disposes them, or the `tf.tidy` around
   * @throws UnknownOperationError when there is no such tensor
   * @throws FeedError when what is needed is not fed, or does not fit
   * @throws VariableError when a variable has no value, or one that does not fit
   */
  run<const F extends Fetches>(
    fetches: F,
    feeds: Feeds = {},
    options: FetchOptions = {},
  ): Fetched<F> {
    const root = (name: string): Root => ({
      ref: this.#lookup.tensor(name, options.signature),
      label: `"${name}"`,
    });
    const names = typeof fetches === 'string' ? [fetches] : Object.values<string>(fetches);
    const tensors = this.#runner.run(names.map(root), this.#inputs(feeds, options));
    if (typeof fetches === 'string') return tensors[0] as Fetched<F>;
    if (Array.isArray(fetches)) return tensors as Fetched<F>;
    return record(Object.keys(fetches), tensors) as Fetched<F>;
  }

  /**
   * Runs what was traced under a name: gives its outputs and the new values of the variables that it
   * assigns, or assigns them. When anything fails nothing is assigned.
   *
   * @throws UnknownOperationError when there is no such signature or output
   * @throws FeedError when what is needed is not fed, or does not fit
   * @throws VariableError when a variable has no value, one that does not fit, or can't be assigned
   */
  runSignature(name: string, feeds: Feeds, options: SignatureOptions = {}): SignatureResult {
    const { outputs, updates } = this.#lookup.signature(name);
    const names = options.outputs ?? Object.keys(outputs);
    const source = options.variables ?? this.#source;
    const assigned = options.commit
      ? updates.map(({ variable }) => assignableVariable(this.#variable(variable), source))
      : [];
    const roots: Root[] = [
      ...names.map((output) => ({
        ref: this.#lookup.tensor(output, name),
        label: `"${output}"`,
      })),
      ...updates.map(({ variable, value }) => ({
        ref: value,
        label: `the new value of variable "${variable}"`,
      })),
    ];
    // Should the assignment fail, the tidy disposes what was computed.
    return tf.tidy(() => {
      const tensors = this.#runner.run(roots, this.#inputs(feeds, options));
      const values = tensors.slice(names.length);
      if (options.commit) commit(assigned, values);
      return {
        outputs: record(names, tensors),
        updates: options.commit
          ? {}
          : record(
              updates.map(({ variable }) => variable),
              values,
            ),
      };
    });
  }

  /** The same graph with texts of the user's own, which are stored with it, in place of those it has. */
  withMetadata(metadata: Readonly<Record<string, string>>): Graph {
    const { nodes, signatures } = this;
    return new Graph({ nodes, signatures, metadata }, { variables: this.#source });
  }

  /** The graph as a `tensorflow.MetaGraphDef`: what `.meta` files hold. */
  toBytes(): Uint8Array {
    return toBytes(this);
  }

  /** The graph as a `tensorflow.GraphDef` for people to look at, as in TensorBoard. */
  toGraphDef(): Uint8Array {
    return toGraphDef(this);
  }

  /** Frees the constants that runs have uploaded; a later run uploads them again. */
  dispose(): void {
    this.#runner.dispose();
  }

  #variable(name: string): VariableNode {
    return this.#byName.get(name) as VariableNode;
  }

  #inputs(feeds: Feeds, { variables, seed }: RunOptions) {
    return { feeds, variables: variables ?? this.#source, seed };
  }
}
