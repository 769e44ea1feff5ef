import { NotReadyError } from '../errors';
import { decodeModel } from '../model/model-file';
import { StoredModel } from '../model/stored-model';
import type { FoundGraph } from './checkpoints';

/**
 * The model of a directory, without its code.
 *
 * @param found the graph of a checkpoint
 * @throws NotReadyError when the directory holds no graph that runs
 */
export const storedModel = ({ bytes, skipped }: FoundGraph, seed: number): StoredModel => {
  if (bytes === undefined) {
    const [first] = skipped;
    throw new NotReadyError(
      `fromDisk(): expected a modelFn, or a checkpoint with its graph in a .meta file, got neither. ${first ? `${first.reason} ` : ''}Give the modelFn that the model was trained with.`,
    );
  }
  const model = decodeModel(bytes);
  if (Object.keys(model.graph.signatures).length === 0) {
    const [reason] = Object.values(model.description.refusals);
    throw new NotReadyError(
      `fromDisk(): expected a modelFn, since the directory's model is code only, got none. ${reason} Give the modelFn that it was trained with.`,
    );
  }
  return new StoredModel(model, seed);
};
