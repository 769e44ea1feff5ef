import type { CheckpointBackend } from '../backends/checkpoint-backend';
import type { WritableTensor } from '../tensor';
import { locate } from './locate';
import { stageCheckpoint } from './stage-checkpoint';

/** How a checkpoint is written. */
export interface WriteCheckpointOptions {
  /** Where to; without one the prefix is a path of the file system. */
  readonly backend?: CheckpointBackend | undefined;
  /** The number of data files; 1 by default. */
  readonly shards?: number | undefined;
}

/**
 * Writes a TensorFlow V2 checkpoint (a TensorBundle): `<prefix>.data-00000-of-00001`, then
 * `<prefix>.index`, which makes it one. Tensors are written from their own arrays.
 *
 * Over a checkpoint of the same prefix, the new data files get names of another count (`…-of-00002`), so
 * that the old checkpoint stays whole until the new index takes its place; its data files go last.
 *
 * @param prefix a path without ending, or a name within `options.backend`; missing directories are made
 * @param tensors their names unique; data as TensorData says; they must not change until this resolves
 * @returns where the checkpoint lies: what Python's `tf.train.load_checkpoint` takes
 * @throws InvalidTensorError, InvalidBlobNameError, and whatever the backend throws
 */
export const writeCheckpoint = async (
  prefix: string,
  tensors: readonly WritableTensor[],
  options: WriteCheckpointOptions = {},
): Promise<string> => {
  const location = locate(prefix, options.backend);
  const staged = await stageCheckpoint(location, tensors, options.shards ?? 1);
  try {
    await staged.commit();
  } catch (error) {
    await staged.discard().catch(() => undefined);
    throw error;
  }
  await staged.settle();
  return location.backend.resolve(location.prefix);
};
