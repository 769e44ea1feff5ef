import { StateError } from '../errors';
import type { Checkpoints, FoundGraph } from './checkpoints';
import { type EstimatorState, parseState } from './estimator-state';

/** What a directory says of the run that left it. */
export interface FoundRun {
  readonly state: EstimatorState;
  readonly graph: FoundGraph;
}

/**
 * Reads what a run needs to go on, beside its variables.
 *
 * @param given what this process was given: a model function, or null for the graph's, and parameters
 * @throws NoCheckpointError when there is none
 * @throws StateError when the state is not one, or the parameters are needed and can't be told
 */
export const readDirectory = async (
  checkpoints: Checkpoints,
  which: 'latest' | 'best',
  given: { readonly modelFn: unknown; readonly params?: unknown },
): Promise<FoundRun> => {
  const entry = await checkpoints[which]();
  const state = parseState(checkpoints.state);
  if (state.paramsAreLost && given.modelFn !== null && given.params === undefined) {
    throw new StateError({
      subject: 'params of fromDisk()',
      expected: 'the parameters of the model function',
      actual: 'none, and those of the earlier run hold something that its directory could not keep',
      fix: 'Give the params that the model was trained with.',
    });
  }
  return { state, graph: await checkpoints.graph(entry) };
};
