import type { GraphDefinition, TensorRef } from '../graph/types';
import { fingerprint } from './fingerprint';
import { type Place, rewrite } from './rewrite';

/** Places nodes so that those that compute the same become the first of them. */
export const sharing = (): Place => {
  const known = new Map<string, readonly TensorRef[]>();
  return (node, { emit }) => {
    const key = fingerprint(node);
    const found = key === undefined ? undefined : known.get(key);
    if (found !== undefined) return found;
    const placed = emit(node);
    if (key !== undefined) known.set(key, placed);
    return placed;
  };
};

/** Computes once what is computed several times from the same tensors in the same way. */
export const shareSubexpressions = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, sharing());
