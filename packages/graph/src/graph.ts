import {
  assertArguments,
  checkMethods,
  kinds,
  optional,
  options,
  type Parameter,
  required,
} from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { mergeDefinitions } from './ir/merge';
import { NameIndex } from './ir/name-index';
import type {
  GraphDefinition,
  GraphNode,
  PlaceholderNode,
  Signature,
  TensorType,
  VariableNode,
} from './ir/types';
import { validate } from './ir/validate';
import { describeOperation, type Operation } from './operation';
import { optimize } from './passes/optimize';
import type { Feeds } from './replay/feeds';
import { type Fetch, type PreparedRun, Runner } from './replay/runner';
import {
  assignAll,
  assignableVariable,
  findVariable,
  type VariableSource,
} from './replay/variables';
import { fromBytes } from './store/from-bytes';
import { toBytes } from './store/to-bytes';
import { toGraphDef } from './store/to-graph-def';

/** The tensors by name. There may be more tensors than names. */
const byName = (names: readonly string[], tensors: readonly tf.Tensor[]): tf.NamedTensorMap =>
  Object.fromEntries(names.map((name, index) => [name, tensors[index] as tf.Tensor]));

const isPlaceholder = (node: GraphNode): node is PlaceholderNode => node.kind === 'placeholder';
const isVariable = (node: GraphNode): node is VariableNode => node.kind === 'variable';

/** The names of tensors to compute: one, a list, or a record of them under names of your choice. */
export type Fetches = string | readonly string[] | Readonly<Record<string, string>>;

/** Tensors in the form of the fetches. */
export type Fetched<F extends Fetches> = F extends string
  ? tf.Tensor
  : { -readonly [Key in keyof F]: tf.Tensor };

/** Options of every run. */
export interface RunOptions {
  /** The values of the variables, by name. Default: the variables that the graph was traced with. */
  readonly variables?: VariableSource | undefined;
  /**
   * Determines the random numbers of the run: a safe integer. Default: another seed in each run.
   */
  readonly seed?: number | undefined;
}

/** Options of {@link Graph.run}. */
export interface FetchOptions extends RunOptions {
  /** A signature whose outputs are looked up first. */
  readonly signature?: string | undefined;
}

/** Options of {@link Graph.runSignature}. */
export interface SignatureOptions extends RunOptions {
  /** The outputs to compute. Default: all. */
  readonly outputs?: readonly string[] | undefined;
  /** Whether to assign the new values of the variables, all at the end. Default: false. */
  readonly commit?: boolean | undefined;
}

/** The tensors that a signature computes; the caller disposes them. */
export interface SignatureResult {
  readonly outputs: Record<string, tf.Tensor>;
  /** The new values of the variables by name; empty if they were assigned (`commit`). */
  readonly updates: Record<string, tf.Tensor>;
}

/** A variable that a graph reads or assigns. */
export interface GraphVariable extends TensorType {
  readonly name: string;
  readonly trainable: boolean;
}

/** A placeholder of a graph. The batch is `{ batch: [0, 1, 0] }` in its shape. */
export interface GraphPlaceholder extends TensorType {
  readonly name: string;
}

/** Options of a graph that is made from stored bytes or from a definition. */
export interface GraphOptions {
  /** The variables of runs whose options have none. */
  readonly variables?: VariableSource | undefined;
}

/** How to run a signature, prepared for many runs. */
interface SignatureCall {
  readonly outputNames: readonly string[];
  readonly updateNames: readonly string[];
  /** The variables to assign, in the order of `updateNames`. */
  readonly updated: readonly VariableNode[];
  readonly prepared: PreparedRun;
}

const graphOptions = options<GraphOptions>({ variables: true });

const runOptions = { variables: true, seed: kinds.number } as const;

const name: Parameter = required(kinds.string);

/**
 * A computation on placeholders and variables, with named ways to run it (signatures). It is immutable,
 * and contains neither training data nor the values of variables.
 */
export class Graph implements GraphDefinition {
  readonly nodes: readonly GraphNode[];
  readonly signatures: Readonly<Record<string, Signature>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly placeholders: readonly GraphPlaceholder[];
  readonly variables: readonly GraphVariable[];
  readonly #nodesByName: ReadonlyMap<string, GraphNode>;
  readonly #names: NameIndex;
  readonly #runner: Runner;
  readonly #source: VariableSource | undefined;
  readonly #calls = new Map<string, SignatureCall>();
  #operations: readonly Operation[] | undefined;

  /** @throws GraphFormatError if the parts contradict each other */
  constructor(definition: GraphDefinition, options?: GraphOptions) {
    assertArguments('new Graph()', arguments, {
      definition: required(kinds.object),
      options: graphOptions,
    });
    const { nodes, signatures, metadata = {} } = definition;
    this.nodes = Object.freeze([...nodes]);
    this.signatures = Object.freeze({ ...signatures });
    this.metadata = Object.freeze({ ...metadata });
    this.#nodesByName = validate(this);
    this.#names = new NameIndex(this);
    this.#runner = new Runner(this);
    this.#source = options?.variables;
    this.placeholders = nodes
      .filter(isPlaceholder)
      .map(({ name, outputs: [type] }) => ({ name, ...type }));
    this.variables = nodes
      .filter(isVariable)
      .map(({ name, trainable, outputs: [type] }) => ({ name, trainable, ...type }));
  }

  /**
   * Merges graphs into one with all signatures. Placeholders and variables are shared by name. What
   * several graphs compute alike is computed once, under the name that the first graph has for it.
   *
   * @throws GraphMergeError if two signatures have one name, or placeholders or variables of one name differ
   */
  static merge(graphs: readonly Graph[]): Graph {
    const sources = graphs.map((graph) => graph.#source);
    return new Graph(optimize(mergeDefinitions(graphs)), {
      variables: (name) => {
        for (const source of sources) {
          const variable = source && findVariable(source, name);
          if (variable !== undefined) return variable;
        }
        return undefined;
      },
    });
  }

  /**
   * Reads the bytes that {@link toBytes} wrote. Pass the variables here or to each run.
   *
   * @throws GraphFormatError if the bytes are damaged, are not a graph, or have a newer format
   */
  static fromBytes(bytes: Uint8Array, options: GraphOptions = {}): Graph {
    return new Graph(fromBytes(bytes), options);
  }

  /** All operations, in order of execution. */
  get operations(): readonly Operation[] {
    this.#operations ??= this.nodes.map((node) => describeOperation(node, this.nodes));
    return this.#operations;
  }

  /** @throws UnknownOperationError if there is no such operation; the message suggests similar names */
  operation(name: string): Operation {
    const index = this.#names.operation(name);
    return describeOperation(this.nodes[index] as GraphNode, this.nodes);
  }

  /**
   * The dtype and shape of a tensor: of an operation's output (`dense/MatMul`, `split:1`) or of a
   * signature's.
   *
   * @throws UnknownOperationError if there is no such tensor; the message suggests similar names
   */
  tensor(name: string, signature?: string): TensorType {
    const { node, output } = this.#names.tensor(name, signature);
    return this.nodes[node]?.outputs[output] as TensorType;
  }

  /** @throws UnknownOperationError if there is no such signature; the message suggests similar names */
  signature(name: string): Signature {
    return this.#names.signature(name);
  }

  /**
   * Computes tensors by name, and nothing that they do not need.
   *
   * @param fetches names of operations (`dense/MatMul`, `split:1`) or of a signature's outputs
   * @param feeds tensors, or values to make tensors of, by placeholder; those that are not needed are ignored
   * @returns tensors in the form of the fetches; the caller disposes them, or the surrounding `tf.tidy`
   * @throws UnknownOperationError if there is no such tensor
   * @throws FeedError if a feed is missing, unknown, or of another dtype or shape
   * @throws VariableError if a variable has no value, or one of another dtype or shape
   */
  run<const F extends Fetches>(
    fetches: F,
    feeds: Feeds = {},
    options: FetchOptions = {},
  ): Fetched<F> {
    const names = typeof fetches === 'string' ? [fetches] : Object.values<string>(fetches);
    const prepared = this.#runner.prepare(
      names.map((name) => ({
        ref: this.#names.tensor(name, options.signature),
        label: `"${name}"`,
      })),
    );
    const tensors = tf.tidy(() => this.#runner.run(prepared, this.#inputs(feeds, options)));
    if (typeof fetches === 'string') return tensors[0] as Fetched<F>;
    if (Array.isArray(fetches)) return tensors as Fetched<F>;
    return byName(Object.keys(fetches), tensors) as Fetched<F>;
  }

  /**
   * Runs a traced function by its name: computes its outputs and the new values of the variables that it
   * assigns, or assigns them (`commit`). If anything fails, nothing is assigned.
   *
   * @param feeds tensors, or values to make tensors of, by placeholder; those that are not needed are ignored
   * @throws UnknownOperationError if there is no such signature or output
   * @throws FeedError if a feed is missing, unknown, or of another dtype or shape
   * @throws VariableError if a variable has no value, one of another dtype or shape, or can't be assigned
   */
  runSignature(name: string, feeds: Feeds, options: SignatureOptions = {}): SignatureResult {
    const { outputNames, updateNames, updated, prepared } = this.#call(name, options.outputs);
    const inputs = this.#inputs(feeds, options);
    const { commit = false } = options;
    const variables = commit
      ? updated.map((node) => assignableVariable(node, inputs.variables))
      : [];
    return tf.tidy(() => {
      const tensors = this.#runner.run(prepared, inputs);
      const values = tensors.slice(outputNames.length);
      if (commit) assignAll(variables, values);
      return {
        outputs: byName(outputNames, tensors),
        updates: commit ? {} : byName(updateNames, values),
      };
    });
  }

  /** The same graph with other metadata: texts of your own that are stored with it. */
  withMetadata(metadata: Readonly<Record<string, string>>): Graph {
    const { nodes, signatures } = this;
    return new Graph({ nodes, signatures, metadata }, { variables: this.#source });
  }

  /** The graph as a `tensorflow.MetaGraphDef`, the content of `.meta` files. */
  toBytes(): Uint8Array {
    return toBytes(this);
  }

  /** The graph as a `tensorflow.GraphDef` for TensorBoard, without the values of constants. */
  toGraphDef(): Uint8Array {
    return toGraphDef(this);
  }

  /** Frees the constants that runs have uploaded; a later run uploads them again. */
  dispose(): void {
    this.#runner.dispose();
    this.#calls.clear();
  }

  /** Prepares a signature's run once, since training calls it for every step. */
  #call(name: string, outputs: readonly string[] | undefined): SignatureCall {
    const prepared = outputs === undefined ? this.#calls.get(name) : undefined;
    if (prepared !== undefined) return prepared;
    const signature = this.#names.signature(name);
    const outputNames = outputs ?? Object.keys(signature.outputs);
    const fetches: Fetch[] = [
      ...outputNames.map((output) => ({
        ref: this.#names.tensor(output, name),
        label: `"${output}"`,
      })),
      ...signature.updates.map(({ variable, value }) => ({
        ref: value,
        label: `the new value of variable "${variable}"`,
      })),
    ];
    const updateNames = signature.updates.map(({ variable }) => variable);
    const call: SignatureCall = {
      outputNames,
      updateNames,
      updated: updateNames.map((variable) => this.#nodesByName.get(variable) as VariableNode),
      prepared: this.#runner.prepare(fetches),
    };
    if (outputs === undefined) this.#calls.set(name, call);
    return call;
  }

  #inputs(feeds: Feeds, { variables, seed }: RunOptions) {
    return { feeds, variables: variables ?? this.#source, seed };
  }
}

checkMethods(Graph, 'Graph.', {
  merge: { graphs: required(kinds.array) },
  fromBytes: { bytes: required(kinds.bytes), options: graphOptions },
});

checkMethods(Graph.prototype, 'graph.', {
  operation: { name },
  tensor: { name, signature: optional(kinds.string) },
  signature: { name },
  run: {
    fetches: required(),
    feeds: optional(kinds.object),
    options: options<FetchOptions>({ ...runOptions, signature: kinds.string }),
  },
  runSignature: {
    name,
    feeds: required(kinds.object),
    options: options<SignatureOptions>({
      ...runOptions,
      outputs: kinds.array,
      commit: kinds.boolean,
    }),
  },
  withMetadata: { metadata: required(kinds.object) },
  toBytes: {},
  toGraphDef: {},
  dispose: {},
});
