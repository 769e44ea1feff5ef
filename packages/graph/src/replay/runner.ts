import * as tf from '@tensorflow/tfjs';
import { FeedError } from '../graph/errors';
import { nameOf } from '../graph/operation';
import { inputsOf } from '../graph/references';
import type { GraphDefinition, PlaceholderNode, TensorRef } from '../graph/types';
import { neededFor } from '../passes/remove-dead-code';
import { mixSeed } from '../random';
import { ConstantTensors } from './constants';
import { type BoundProgram, bindProgram, execute, type Slots } from './execute';
import { type Feeds, readFeeds } from './feeds';
import { Lru } from './lru';
import { type Program, planProgram } from './program';
import { readVariable, type VariableSource } from './variables';

/** A tensor to be computed, and what to call it in an error. */
export interface Root {
  readonly ref: TensorRef;
  readonly label: string;
}

/** What a run goes by, beside what it is fed. */
export interface RunInputs {
  readonly feeds: Feeds;
  readonly variables: VariableSource | undefined;
  readonly seed: number | undefined;
}

interface Planned {
  readonly program: Program;
  readonly bound: Lru<number | undefined, BoundProgram>;
}

/** Enough for a model's signatures and a few fetches besides, at a few batch sizes. */
const programs = 64;
const batchSizes = 8;

/** Runs parts of one graph. What it learns of it, it keeps: programs, attributes, uploaded constants. */
export class Runner {
  readonly #graph: GraphDefinition;
  readonly #placeholders: ReadonlyMap<string, PlaceholderNode>;
  readonly #planned = new Lru<string, Planned>(programs);
  readonly #constants = new ConstantTensors();
  #seeds: { readonly first: number; drawn: number } | undefined;

  constructor(graph: GraphDefinition) {
    this.#graph = graph;
    this.#placeholders = new Map(
      graph.nodes.flatMap((node) => (node.kind === 'placeholder' ? [[node.name, node]] : [])),
    );
  }

  /**
   * Computes the roots, and nothing that they do not need.
   *
   * @returns a tensor for each root, each the caller's own
   */
  run(roots: readonly Root[], { feeds, variables, seed }: RunInputs): tf.Tensor[] {
    const { program, bound } = this.#plan(roots);
    return tf.tidy(() => {
      const needed = program.placeholders.map(({ node }) => node);
      const read = readFeeds(this.#placeholders, needed, feeds, (node) => this.#why(node, roots));
      if (program.batched && read.batchSize === undefined) throw this.#noBatch(roots);
      const slots: Slots = new Array(program.slots);
      program.placeholders.forEach(({ slot }, index) => {
        slots[slot] = read.tensors[index];
      });
      for (const { node, slot } of program.variables) slots[slot] = readVariable(node, variables);
      for (const { node, slot } of program.constants) slots[slot] = this.#constants.get(node);
      // What does not follow from the batch size is bound once for all of them.
      const batchSize = program.batched ? read.batchSize : undefined;
      let drawn = seed;
      return execute(
        bound.get(batchSize, () => bindProgram(program, batchSize)),
        slots,
        () => {
          drawn ??= this.#nextSeed();
          return drawn;
        },
      );
    });
  }

  /** Frees the constants and forgets the plans; a later run makes them again. */
  dispose(): void {
    this.#constants.dispose();
    this.#planned.clear();
  }

  #plan(roots: readonly Root[]): Planned {
    const key = roots.map(({ ref }) => `${ref.node}:${ref.output}`).join();
    return this.#planned.get(key, () => ({
      program: planProgram(
        this.#graph.nodes,
        roots.map(({ ref }) => ref),
      ),
      bound: new Lru(batchSizes),
    }));
  }

  /** Runs without a seed each draw one of the graph's own, so that dropout differs from run to run. */
  #nextSeed(): number {
    this.#seeds ??= { first: Math.floor(Math.random() * 2 ** 32), drawn: 0 };
    return mixSeed(this.#seeds.first, this.#seeds.drawn++);
  }

  /** What needs a placeholder: the operation that takes it and the result that this is for. */
  #why(placeholder: PlaceholderNode, roots: readonly Root[]): string {
    const { nodes } = this.#graph;
    const place = nodes.indexOf(placeholder);
    for (const { ref, label } of roots) {
      const needed = neededFor(nodes, [ref]);
      if (!needed[place]) continue;
      const user = nodes.find(
        (node, index) => needed[index] && inputsOf(node).some(({ node: input }) => input === place),
      );
      return user ? `"${user.name}" for ${label}` : label;
    }
    return roots.map(({ label }) => label).join(', ');
  }

  #noBatch(roots: readonly Root[]): FeedError {
    const [first] = roots;
    const name = first ? nameOf(this.#graph.nodes, first.ref) : '';
    return new FeedError(
      undefined,
      `"${name}" follows from the batch size, and no placeholder that tells it is fed. ` +
        'Feed one whose first dimension is the batch.',
    );
  }
}
