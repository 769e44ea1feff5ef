import { refsOf } from '../graph/references';
import type { KernelInput, TensorRef } from '../graph/types';
import type { RecordedKernel, RecordedNode, Recording } from './recording';

const inputsOf = (node: RecordedNode | undefined): readonly TensorRef[] =>
  node?.kind === 'kernel' ? Object.values(node.inputs).flatMap(refsOf) : [];

const isList = (input: KernelInput): input is readonly TensorRef[] => Array.isArray(input);

const movedInputs = (
  { inputs }: RecordedKernel,
  move: (ref: TensorRef) => TensorRef,
): RecordedKernel['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, input]): [string, KernelInput] => {
      if (input === null) return [name, null];
      return [name, isList(input) ? input.map(move) : move(input)];
    }),
  );

/**
 * A recording without the steps that neither an output nor an update needs, so that only what matters
 * has to be the same in every call. Placeholders and assigned variables stay.
 */
export const prune = (recording: Recording): Recording => {
  const { nodes, outputs, updates } = recording;
  const live = new Set<number>();
  const pending = [...Object.values(outputs), ...updates.map(({ value }) => value)];
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    if (live.has(ref.node)) continue;
    live.add(ref.node);
    pending.push(...inputsOf(nodes[ref.node]));
  }
  const assigned = new Set(updates.map(({ variable }) => variable));
  const kept = nodes.flatMap((node, place) =>
    live.has(place) ||
    node.kind === 'placeholder' ||
    (node.kind === 'variable' && assigned.has(node.variable))
      ? [{ node, place }]
      : [],
  );
  const moves = new Map(kept.map(({ place }, index) => [place, index]));
  const move = ({ node, output }: TensorRef): TensorRef => ({
    node: moves.get(node) ?? -1,
    output,
  });
  return {
    ...recording,
    nodes: kept.map(({ node }) =>
      node.kind === 'kernel' ? { ...node, inputs: movedInputs(node, move) } : node,
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, ref]) => [name, move(ref)])),
    updates: updates.map(({ variable, value }) => ({ variable, value: move(value) })),
  };
};
