import type * as tf from '@tensorflow/tfjs';
import { inputsOf, reachableFrom, tensorName } from '../ir/references';
import { BATCH, type Sizes } from '../ir/symbolic-numbers';
import type { GraphDefinition, PlaceholderNode, TensorRef } from '../ir/types';
import { mixSeed } from '../random/random-tensor';
import { registerScanKernels } from '../recurrence/scan-kernels';
import { ConstantTensors } from './constants';
import { BoundPlan, execute, type Slots } from './execute';
import { FeedError, type Feeds, readFeeds } from './feeds';
import { planReplay, type ReplayPlan } from './plan';
import { readVariable, type VariableSource } from './variables';

/** A tensor to compute, and its name for errors. */
export interface Fetch {
  readonly ref: TensorRef;
  readonly label: string;
}

/** Tensors to compute, planned for many runs. */
export interface PreparedRun {
  readonly fetches: readonly Fetch[];
  readonly plan: ReplayPlan;
  readonly bound: Lru<string | number, BoundPlan>;
  dispose(): void;
}

/** The inputs of a run. */
export interface RunInputs {
  readonly feeds: Feeds;
  readonly variables: VariableSource | undefined;
  readonly seed: number | undefined;
}

/** A map of limited size, which disposes the entry that was not asked for the longest. */
class Lru<Key, Value extends { dispose(): void }> {
  readonly #entries = new Map<Key, Value>();
  readonly #capacity: number;
  #latest: { readonly key: Key; readonly value: Value } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: Key, make: () => Value): Value {
    if (this.#latest !== undefined && this.#latest.key === key) return this.#latest.value;
    const value = this.#entries.get(key) ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#latest = { key, value };
    if (this.#entries.size > this.#capacity) {
      const [[oldest, dropped] = []] = this.#entries;
      this.#entries.delete(oldest as Key);
      dropped?.dispose();
    }
    return value;
  }

  dispose(): void {
    for (const value of this.#entries.values()) value.dispose();
    this.#entries.clear();
    this.#latest = undefined;
  }
}

/** Enough for the signatures of a model and some other fetches, at a few sizes. */
const MAX_PLANS = 64;
const MAX_BOUND_PLANS = 8;

/** A key for the sizes that a plan depends on; undefined if one of them is not known. */
const keyOf = (symbols: readonly string[], sizes: Sizes): string | number | undefined => {
  const [symbol, ...others] = symbols;
  if (symbol === undefined) return 0;
  if (others.length === 0) return sizes.get(symbol);
  const known = symbols.map((each) => sizes.get(each));
  return known.includes(undefined) ? undefined : known.join();
};

/** Runs parts of one graph, and keeps their plans, attributes and uploaded constants. */
export class Runner {
  readonly #graph: GraphDefinition;
  readonly #placeholders: ReadonlyMap<string, PlaceholderNode>;
  readonly #prepared = new Lru<string, PreparedRun>(MAX_PLANS);
  readonly #constants = new ConstantTensors();
  #seeds: { readonly first: number; drawn: number } | undefined;

  constructor(graph: GraphDefinition) {
    this.#graph = graph;
    this.#placeholders = new Map(
      graph.nodes.flatMap((node) => (node.kind === 'placeholder' ? [[node.name, node]] : [])),
    );
  }

  /** Plans the computation of tensors, and of nothing that they do not need. */
  prepare(fetches: readonly Fetch[]): PreparedRun {
    const key = fetches.map(({ ref, label }) => `${ref.node}:${ref.output} ${label}`).join('\n');
    return this.#prepared.get(key, () => {
      const bound = new Lru<string | number, BoundPlan>(MAX_BOUND_PLANS);
      const refs = fetches.map(({ ref }) => ref);
      const plan = planReplay(this.#graph.nodes, refs);
      return { fetches, plan, bound, dispose: () => bound.dispose() };
    });
  }

  /**
   * Computes the prepared tensors. Call it within a `tf.tidy`, which frees what a run leaves.
   *
   * @returns a tensor for each fetch, none of which is anyone else's
   */
  run(prepared: PreparedRun, { feeds, variables, seed }: RunInputs): tf.Tensor[] {
    const { plan, bound, fetches } = prepared;
    const { tensors, sizes } = readFeeds(
      this.#placeholders,
      plan.placeholders,
      feeds,
      plan.symbols,
      (node) => this.#describeUse(node, fetches),
    );
    const key = keyOf(plan.symbols, sizes);
    if (key === undefined) throw this.#noSize(plan, sizes, fetches);
    if (plan.hasRecurrences) registerScanKernels();
    const slots: Slots = new Array(plan.slotCount);
    plan.placeholders.forEach(({ slot }, index) => {
      slots[slot] = tensors[index];
    });
    for (const { node, slot } of plan.variables) slots[slot] = readVariable(node, variables);
    this.#constants.load(plan.constants, slots);
    const boundPlan = bound.get(key, () => new BoundPlan(plan, sizes));
    let runSeed = seed;
    return execute(boundPlan, slots, () => {
      runSeed ??= this.#nextSeed();
      return runSeed;
    });
  }

  /** Frees the constants and drops the plans; a later run makes them again. */
  dispose(): void {
    this.#constants.dispose();
    this.#prepared.dispose();
  }

  /** A seed for a run without one, so that dropout differs from run to run. */
  #nextSeed(): number {
    this.#seeds ??= { first: Math.floor(Math.random() * 2 ** 32), drawn: 0 };
    return mixSeed(this.#seeds.first, this.#seeds.drawn++);
  }

  /** The operation that needs a placeholder, and the fetch that it is computed for. */
  #describeUse(placeholder: PlaceholderNode, fetches: readonly Fetch[]): string {
    const { nodes } = this.#graph;
    const index = nodes.indexOf(placeholder);
    for (const { ref, label } of fetches) {
      const reached = reachableFrom(nodes, [ref]);
      if (!reached[index]) continue;
      const user = nodes.find(
        (node, at) => reached[at] && inputsOf(node).some((input) => input.node === index),
      );
      return user ? `"${user.name}" needs it to compute ${label}` : `${label} needs it`;
    }
    return `${fetches.map(({ label }) => label).join(', ')} need it`;
  }

  #noSize({ symbols }: ReplayPlan, sizes: Sizes, [first]: readonly Fetch[]): FeedError {
    const name = first ? tensorName(this.#graph.nodes, first.ref) : '';
    const missing = symbols.find((symbol) => !sizes.has(symbol)) ?? BATCH;
    const isBatch = missing === BATCH;
    return new FeedError(
      undefined,
      `"${name}" depends on the ${isBatch ? 'batch size' : `size "${missing}"`}, but no placeholder that ` +
        `determines it is fed. Feed one ${isBatch ? 'whose first dimension is the batch' : 'that has this dimension'}.`,
    );
  }
}
