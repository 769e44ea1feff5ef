import type { GraphDefinition } from '../graph/types';
import { foldConstants } from './fold-constants';
import { forwardIdentities } from './forward-identities';
import { removeDeadCode } from './remove-dead-code';
import { shareSubexpressions } from './share-subexpressions';

/**
 * The same computation with fewer operations. Results stay the same bit for bit: nothing is reordered,
 * and only what every backend computes alike is computed beforehand.
 */
export const optimize = (graph: GraphDefinition): GraphDefinition =>
  [forwardIdentities, foldConstants, shareSubexpressions, removeDeadCode].reduce(
    (simplified, pass) => pass(simplified),
    graph,
  );
