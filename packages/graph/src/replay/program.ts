import { isFilled } from '../graph/constant-values';
import { inputsOf } from '../graph/references';
import { dependsOnBatch } from '../graph/sized';
import type {
  ConstantNode,
  GraphNode,
  KernelInput,
  KernelNode,
  PlaceholderNode,
  RandomNode,
  TensorRef,
  VariableNode,
} from '../graph/types';
import { neededFor } from '../passes/remove-dead-code';

/** Where a kernel finds an input: a slot, a list of slots, or nowhere. */
export type InputSlots = number | readonly number[] | null;

/** A node to be computed, and what can go once it is. */
export interface Step {
  readonly node: KernelNode | RandomNode | ConstantNode;
  readonly inputs: readonly (readonly [name: string, slots: InputSlots])[];
  /** Whether the kernel takes its inputs as a list: they are named 0, 1, 2 … */
  readonly listed: boolean;
  /** The slot of the first output; the others follow. */
  readonly output: number;
  /** Slots that no later step and no result needs. */
  readonly release: readonly number[];
}

/** A tensor that is there before the first step: fed, or a variable's, or a constant. */
export interface Source<Node> {
  readonly node: Node;
  readonly slot: number;
}

/** What it takes to compute some tensors, in order. It is the same at every batch size. */
export interface Program {
  readonly placeholders: readonly Source<PlaceholderNode>[];
  readonly variables: readonly Source<VariableNode>[];
  /** Those that the batch size does not decide: they are uploaded once. */
  readonly constants: readonly Source<ConstantNode>[];
  readonly steps: readonly Step[];
  readonly slots: number;
  readonly results: readonly {
    readonly slot: number;
    /** Others hold the same tensor: the run, its caller or an earlier result. */
    readonly shared: boolean;
  }[];
  /** Whether any part of it follows from the batch size. */
  readonly batched: boolean;
}

const isBatched = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return 'batch' in value || Object.values(value).some(isBatched);
};

const isSizedConstant = ({ values, outputs: [{ shape }] }: ConstantNode): boolean =>
  shape.some(dependsOnBatch) || (isFilled(values) && isBatched(values.fill));

const decidesOnBatch = (node: GraphNode): boolean => {
  if (node.kind === 'kernel') return isBatched(node.attributes);
  if (node.kind === 'constant') return isSizedConstant(node);
  return node.kind === 'random' && node.outputs[0].shape.some(dependsOnBatch);
};

const isListed = (names: readonly string[]): boolean =>
  names.length > 0 && names.every((name, index) => name === String(index));

/** Plans the computation of `roots`, which may repeat and may be inputs themselves. */
export const planProgram = (nodes: readonly GraphNode[], roots: readonly TensorRef[]): Program => {
  const needed = neededFor(nodes, roots);
  const firstSlots: number[] = [];
  let slots = 0;
  nodes.forEach((node, index) => {
    firstSlots.push(slots);
    if (needed[index]) slots += node.outputs.length;
  });
  const slotOf = ({ node, output }: TensorRef): number => (firstSlots[node] ?? 0) + output;

  const lastUse = new Map<number, number>();
  nodes.forEach((node, index) => {
    if (!needed[index]) return;
    for (let output = 0; output < node.outputs.length; output++) {
      lastUse.set(slotOf({ node: index, output }), index);
    }
    for (const ref of inputsOf(node)) lastUse.set(slotOf(ref), index);
  });
  const owned = new Set<number>();
  const releases = new Map<number, number[]>();
  const kept = new Set(roots.map(slotOf));

  const placeholders: Source<PlaceholderNode>[] = [];
  const variables: Source<VariableNode>[] = [];
  const constants: Source<ConstantNode>[] = [];
  const computed: { node: Step['node']; index: number }[] = [];
  nodes.forEach((node, index) => {
    if (!needed[index]) return;
    const slot = slotOf({ node: index, output: 0 });
    if (node.kind === 'placeholder') placeholders.push({ node, slot });
    else if (node.kind === 'variable') variables.push({ node, slot });
    else if (node.kind === 'constant' && !isSizedConstant(node)) constants.push({ node, slot });
    else {
      computed.push({ node, index });
      for (let output = 0; output < node.outputs.length; output++) owned.add(slot + output);
    }
  });
  for (const [slot, index] of lastUse) {
    if (!owned.has(slot) || kept.has(slot)) continue;
    const list = releases.get(index) ?? [];
    list.push(slot);
    releases.set(index, list);
  }

  const slotsOf = (input: KernelInput): InputSlots => {
    if (input === null) return null;
    return 'node' in input ? slotOf(input) : input.map(slotOf);
  };
  const given = new Set<number>();
  return {
    placeholders,
    variables,
    constants,
    slots,
    steps: computed.map(({ node, index }) => ({
      node,
      inputs:
        node.kind === 'kernel'
          ? Object.entries(node.inputs).map(([name, input]) => [name, slotsOf(input)] as const)
          : [],
      listed: node.kind === 'kernel' && isListed(Object.keys(node.inputs)),
      output: slotOf({ node: index, output: 0 }),
      release: releases.get(index) ?? [],
    })),
    results: roots.map((root) => {
      const slot = slotOf(root);
      const shared = !owned.has(slot) || given.has(slot);
      given.add(slot);
      return { slot, shared };
    }),
    batched: nodes.some((node, index) => needed[index] && decidesOnBatch(node)),
  };
};
