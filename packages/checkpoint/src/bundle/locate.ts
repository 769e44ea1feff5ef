import { basename, dirname, resolve } from 'node:path';
import { assertBlobName } from '../backends/blob-name';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { fileSystemBackend } from '../backends/file-system';

/** A checkpoint: a backend and the prefix of its blobs there. */
export interface Location {
  readonly backend: CheckpointBackend;
  readonly prefix: string;
}

/**
 * Where a checkpoint lies: in the given backend under the given name, or, without one, at a path.
 *
 * @throws InvalidBlobNameError
 */
export const locate = (prefix: string, backend?: CheckpointBackend): Location => {
  if (backend !== undefined) {
    assertBlobName(prefix);
    return { backend, prefix };
  }
  // resolve() would drop a slash at the end, and with it the sign that a directory was given.
  assertBlobName(/[/\\]$/.test(prefix) ? '' : basename(prefix));
  const path = resolve(prefix);
  return { backend: fileSystemBackend(dirname(path)), prefix: basename(path) };
};
