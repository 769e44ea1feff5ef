import { explain, reasonOf } from '@elistimator/internal';
import { crc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { BlobNotFoundError, CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import { type CheckpointState, parseCheckpointState, STATE_NAME } from './checkpoint-state';
import { type CheckpointMetadata, METADATA_NAME, parseMetadata } from './metadata';

/** The text files of a backend, and the names of all blobs at the same moment. */
export interface StoredTexts {
  readonly names: readonly string[];
  readonly metadata:
    | { readonly kind: 'intact'; readonly contents: CheckpointMetadata }
    | { readonly kind: 'missing' }
    | { readonly kind: 'damaged' }
    /** Written by a later version. The directory can be read, but must not be written. */
    | { readonly kind: 'later'; readonly error: UnsupportedCheckpointError };
  /** Undefined if the file is missing or damaged. */
  readonly state: CheckpointState | undefined;
  readonly problems: string[];
}

/** Both text files have a few lines per checkpoint, so a longer file is damaged. */
const LONGEST_TEXT = 2 ** 28;

type Text = string | CorruptCheckpointError | undefined;

/** Undefined if there is no such blob. */
const readText = async (backend: CheckpointBackend, name: string): Promise<Text> => {
  const size = await backend.size(name);
  if (size === undefined) return undefined;
  if (size > LONGEST_TEXT) {
    const file = backend.resolve(name);
    return new CorruptCheckpointError(file, undefined, `at most ${LONGEST_TEXT} bytes`, `${size}`);
  }
  try {
    return Buffer.from(await backend.read(name)).toString();
  } catch (error) {
    if (error instanceof BlobNotFoundError) return undefined;
    throw error;
  }
};

/** A process that saves again and again is not waited for. */
const ATTEMPTS = 5;

/** Reads the metadata and the list of blobs, so that neither is older than a save of another process in between. */
const readConsistently = async (
  backend: CheckpointBackend,
): Promise<{ readonly names: readonly string[]; readonly text: Text }> => {
  let text = await readText(backend, METADATA_NAME);
  for (let attempt = 1; ; attempt++) {
    const names = await backend.list();
    const after = await readText(backend, METADATA_NAME);
    const isUnchanged = typeof after !== 'string' || after === text;
    if (isUnchanged || attempt === ATTEMPTS) return { names, text: after };
    text = after;
  }
};

const metadataFrom = (file: string, text: Text, problems: string[]): StoredTexts['metadata'] => {
  if (text === undefined) return { kind: 'missing' };
  try {
    if (typeof text !== 'string') throw text;
    return { kind: 'intact', contents: parseMetadata(file, text) };
  } catch (error) {
    if (error instanceof UnsupportedCheckpointError) {
      problems.push(`${reasonOf(error)} Until then, checkpoints can be restored but not saved.`);
      return { kind: 'later', error };
    }
    if (!(error instanceof CorruptCheckpointError)) throw error;
    problems.push(`${reasonOf(error)} The next save keeps it under another name.`);
    return { kind: 'damaged' };
  }
};

/** Reads `elistimator_meta` and `checkpoint`. Damage is reported in `problems`, and never thrown. */
export const readTexts = async (backend: CheckpointBackend): Promise<StoredTexts> => {
  const { names, text } = await readConsistently(backend);
  const problems: string[] = [];
  const metadata = metadataFrom(backend.resolve(METADATA_NAME), text, problems);
  const stateText = await readText(backend, STATE_NAME);
  const state = typeof stateText === 'string' ? parseCheckpointState(stateText) : undefined;
  if (stateText !== undefined && state === undefined) {
    problems.push(
      explain({
        subject: backend.resolve(STATE_NAME),
        expected: 'a list of checkpoints in the format of TensorFlow',
        actual: typeof stateText === 'string' ? 'other text' : stateText.actual,
        fix: 'The checkpoints are found without it. The next save writes it again.',
      }),
    );
  }
  return { names, metadata, state, problems };
};

export const describeMissingMetadata = (backend: CheckpointBackend): string =>
  explain({
    subject: backend.resolve(METADATA_NAME),
    expected: 'the file',
    actual: 'none',
    fix: 'The checkpoints are found without it, but their metrics and the state of the estimator are unknown.',
  });

const CHUNK = 1 << 22;

async function* chunksOf(backend: CheckpointBackend, name: string): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ; offset += CHUNK) {
    const chunk = await backend.read(name, { offset, length: CHUNK });
    yield chunk;
    if (chunk.length < CHUNK) return;
  }
}

/** Copies damaged metadata to a name that depends on its contents: `elistimator_meta.damaged-1a2b3c4d`. */
export const keepDamagedMetadata = async (backend: CheckpointBackend): Promise<void> => {
  let sum = 0;
  for await (const chunk of chunksOf(backend, METADATA_NAME)) sum = crc32c(chunk, sum);
  const name = `${METADATA_NAME}.damaged-${sum.toString(16).padStart(8, '0')}`;
  if ((await backend.size(name)) === undefined)
    await backend.write(name, chunksOf(backend, METADATA_NAME));
};
