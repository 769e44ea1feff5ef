import { sizeOf } from '@elistimator/internal';
import { kernelInfo, takesList } from '../ir/kernels';
import { inputsOf, reachableFrom } from '../ir/references';
import { evaluateShape, isSymbolicNumber, type Sizes, symbolsOf } from '../ir/symbolic-numbers';
import {
  type AttributeValue,
  type ConstantNode,
  type GraphNode,
  isFill,
  type KernelInput,
  type KernelNode,
  type PlaceholderNode,
  type RandomNode,
  type TensorRef,
  type TensorType,
  type VariableNode,
} from '../ir/types';
import { isScanKernel } from '../recurrence/scan-kernels';

/** The slots of a kernel's input: of a tensor, of a list of tensors, or null if it is absent. */
export type InputSlots = number | readonly number[] | null;

/** A node to compute. */
export interface PlanStep {
  readonly node: KernelNode | RandomNode | ConstantNode;
  readonly inputNames: readonly string[];
  /** In the order of `inputNames`. */
  readonly inputSlots: readonly InputSlots[];
  /** Whether the kernel is called with an array of tensors. */
  readonly takesList: boolean;
  /** The slot of the first output; the other outputs have the slots after it. */
  readonly outputSlot: number;
  /** Slots that no later step and no result reads. */
  readonly release: readonly number[];
}

/** A node whose tensor exists before the first step. */
export interface PlanInput<Node> {
  readonly node: Node;
  readonly slot: number;
}

/** How to compute some tensors of a graph, at any sizes. Tensors are in numbered slots. */
export interface ReplayPlan {
  readonly placeholders: readonly PlanInput<PlaceholderNode>[];
  readonly variables: readonly PlanInput<VariableNode>[];
  /** Constants that do not depend on open dimensions, which are uploaded once. */
  readonly constants: readonly PlanInput<ConstantNode>[];
  /** Steps that depend on nothing but constants. Runs at the same sizes compute them once. */
  readonly cachedSteps: readonly PlanStep[];
  readonly steps: readonly PlanStep[];
  readonly slotCount: number;
  readonly results: readonly {
    readonly slot: number;
    /** Whether the tensor also belongs to the caller, to the graph or to an earlier result. */
    readonly isShared: boolean;
  }[];
  /** The symbols of the open dimensions whose sizes the steps depend on. */
  readonly symbols: readonly string[];
  /** Whether a step is a recurrence, whose kernels this package registers. */
  readonly hasRecurrences: boolean;
}

/** The symbols of the open dimensions in an attribute. */
const symbolsIn = (value: AttributeValue): readonly string[] => {
  if (isSymbolicNumber(value)) return symbolsOf(value);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(symbolsIn);
};

const symbolsOfShape = ({ shape }: TensorType): readonly string[] => shape.flatMap(symbolsOf);

const symbolsOfConstant = ({ values, outputs: [type] }: ConstantNode): readonly string[] => [
  ...symbolsOfShape(type),
  ...(isFill(values) && typeof values.fill !== 'string' ? symbolsOf(values.fill) : []),
];

const isOpenConstant = (node: ConstantNode): boolean => symbolsOfConstant(node).length > 0;

interface ComputedNode {
  readonly node: PlanStep['node'];
  readonly index: number;
}

/** The symbols of the open dimensions that a node must know to run. */
const neededSymbols = (node: GraphNode): readonly string[] => {
  switch (node.kind) {
    case 'kernel':
      return symbolsIn(node.attributes);
    case 'constant':
      return symbolsOfConstant(node);
    case 'random':
      return symbolsOfShape(node.outputs[0]);
    default:
      return [];
  }
};

/** Results of more elements, at usual sizes, are computed in each run: keeping them takes memory. */
const MAX_CACHED_ELEMENTS = 4096;
const USUAL_SIZE = 64;

const isSmall = ({ outputs }: GraphNode): boolean =>
  outputs.every((type) => {
    const usualSizes: Sizes = new Map(symbolsOfShape(type).map((symbol) => [symbol, USUAL_SIZE]));
    return sizeOf(evaluateShape(type.shape, usualSizes)) <= MAX_CACHED_ELEMENTS;
  });

/** Whether a node gives the same in every run at the same sizes, and is small enough to keep. */
const isCacheableNode = (node: GraphNode, isCacheable: readonly boolean[]): boolean => {
  if (node.kind === 'constant') return !isOpenConstant(node) || isSmall(node);
  if (node.kind !== 'kernel' || !isSmall(node)) return false;
  // A kernel that is not tfjs's own may give something else each time.
  const info = kernelInfo(node.kernel);
  if (info === undefined || info.stateful) return false;
  return inputsOf(node).every((ref) => isCacheable[ref.node]);
};

const findCacheable = (nodes: readonly GraphNode[]): readonly boolean[] => {
  const isCacheable: boolean[] = [];
  for (const node of nodes) isCacheable.push(isCacheableNode(node, isCacheable));
  return isCacheable;
};

/** Assigns slots to the outputs of the reached nodes. */
const assignSlots = (nodes: readonly GraphNode[], reached: readonly boolean[]) => {
  const firstSlots: number[] = [];
  let slotCount = 0;
  nodes.forEach((node, index) => {
    firstSlots.push(slotCount);
    if (reached[index]) slotCount += node.outputs.length;
  });
  const slotOf = ({ node, output }: TensorRef): number => (firstSlots[node] ?? 0) + output;
  return { slotCount, slotOf };
};

/** For each node, the slots that it reads or writes last. */
const lastUses = (
  nodes: readonly GraphNode[],
  reached: readonly boolean[],
  slotOf: (ref: TensorRef) => number,
): ReadonlyMap<number, number> => {
  const uses = new Map<number, number>();
  nodes.forEach((node, index) => {
    if (!reached[index]) return;
    for (let output = 0; output < node.outputs.length; output++) {
      uses.set(slotOf({ node: index, output }), index);
    }
    for (const ref of inputsOf(node)) uses.set(slotOf(ref), index);
  });
  return uses;
};

/** Plans how to compute `roots`, which may repeat, and may be inputs themselves. */
export const planReplay = (
  nodes: readonly GraphNode[],
  roots: readonly TensorRef[],
): ReplayPlan => {
  const reached = reachableFrom(nodes, roots);
  const { slotCount, slotOf } = assignSlots(nodes, reached);
  const isCacheable = findCacheable(nodes);

  const placeholders: PlanInput<PlaceholderNode>[] = [];
  const variables: PlanInput<VariableNode>[] = [];
  const constants: PlanInput<ConstantNode>[] = [];
  const cached: ComputedNode[] = [];
  const computed: ComputedNode[] = [];
  const computedSlots = new Set<number>();
  nodes.forEach((node, index) => {
    if (!reached[index]) return;
    const slot = slotOf({ node: index, output: 0 });
    if (node.kind === 'placeholder') placeholders.push({ node, slot });
    else if (node.kind === 'variable') variables.push({ node, slot });
    else if (node.kind === 'constant' && !isOpenConstant(node)) constants.push({ node, slot });
    else if (isCacheable[index]) cached.push({ node, index });
    else {
      computed.push({ node, index });
      for (let output = 0; output < node.outputs.length; output++) computedSlots.add(slot + output);
    }
  });

  const rootSlots = new Set(roots.map(slotOf));
  const releases = new Map<number, number[]>();
  for (const [slot, index] of lastUses(nodes, reached, slotOf)) {
    if (!computedSlots.has(slot) || rootSlots.has(slot)) continue;
    releases.set(index, [...(releases.get(index) ?? []), slot]);
  }

  const slotsOf = (input: KernelInput): InputSlots => {
    if (input === null) return null;
    return 'node' in input ? slotOf(input) : input.map(slotOf);
  };
  const stepOf = ({ node, index }: ComputedNode): PlanStep => {
    const inputs = node.kind === 'kernel' ? node.inputs : {};
    const inputNames = Object.keys(inputs);
    return {
      node,
      inputNames,
      inputSlots: Object.values(inputs).map(slotsOf),
      takesList: node.kind === 'kernel' && takesList(node.kernel, inputNames),
      outputSlot: slotOf({ node: index, output: 0 }),
      release: releases.get(index) ?? [],
    };
  };

  const returned = new Set<number>();
  const results = roots.map((root) => {
    const slot = slotOf(root);
    const isShared = !computedSlots.has(slot) || returned.has(slot);
    returned.add(slot);
    return { slot, isShared };
  });
  return {
    placeholders,
    variables,
    constants,
    cachedSteps: cached.map(stepOf),
    steps: computed.map(stepOf),
    slotCount,
    results,
    hasRecurrences: computed.some(
      ({ node }) => node.kind === 'kernel' && isScanKernel(node.kernel),
    ),
    symbols: [
      ...new Set(nodes.flatMap((node, index) => (reached[index] ? neededSymbols(node) : []))),
    ],
  };
};
