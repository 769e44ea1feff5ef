import { assertReturned, bufferBytes, type Pointer, type Runtime } from '../c-api';
import { TensorArgumentError } from '../errors';
import { encodeSessionConfig, type SessionConfig } from './session-config';

const withOptions = <Result>(
  { c, status }: Runtime,
  config: SessionConfig,
  use: (options: Pointer) => Result,
): Result => {
  const bytes = encodeSessionConfig(config);
  const options = c.TF_NewSessionOptions();
  try {
    c.TF_SetConfig(options, bytes, bytes.length, status.pointer);
    status.check('Session options');
    return use(options);
  } finally {
    c.TF_DeleteSessionOptions(options);
  }
};

/**
 * Starts a session.
 *
 * @returns the address of the new `TF_Session`
 * @throws ConfigError for an option that is out of range
 * @throws TensorflowError if TensorFlow can't start a session with these options
 */
export const openSession = (runtime: Runtime, graph: Pointer, config: SessionConfig): Pointer =>
  withOptions(runtime, config, (options) => {
    const { c, status } = runtime;
    const session = c.TF_NewSession(graph, options, status.pointer);
    status.check('New session');
    return assertReturned(session, 'New session', 'session');
  });

/** TensorFlow aborts the process for anything but strings. */
const assertStrings = (directory: unknown, tags: unknown): void => {
  const areStrings =
    typeof directory === 'string' &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string');
  if (areStrings) return;
  throw new TensorArgumentError({
    subject: 'SavedModel',
    expected: 'a directory as a string and tags as a list of strings',
    actual: `directory ${String(directory)} and tags ${String(tags)}`,
    fix: "Pass values such as '/models/digits' and ['serve'].",
  });
};

/** The session of a SavedModel, and its serialized `tensorflow.MetaGraphDef`. */
export interface LoadedSession {
  readonly session: Pointer;
  readonly metaGraphDef: Uint8Array;
}

/**
 * Loads a SavedModel into an empty graph and restores its variables.
 *
 * @throws TensorflowError if the directory has no SavedModel with these tags, or it is damaged
 * @throws TensorArgumentError if the directory or a tag is not a string
 */
export const loadSession = (
  runtime: Runtime,
  graph: Pointer,
  directory: string,
  tags: readonly string[],
  config: SessionConfig,
): LoadedSession => {
  assertStrings(directory, tags);
  return withOptions(runtime, config, (options) => {
    const { c, status } = runtime;
    const metaGraphDef = c.TF_NewBuffer();
    const subject = `Loading SavedModel ${directory}`;
    try {
      const session = c.TF_LoadSessionFromSavedModel(
        options,
        null,
        directory,
        tags,
        tags.length,
        graph,
        metaGraphDef,
        status.pointer,
      );
      status.check(subject);
      return {
        session: assertReturned(session, subject, 'session'),
        metaGraphDef: bufferBytes(metaGraphDef),
      };
    } finally {
      c.TF_DeleteBuffer(metaGraphDef);
    }
  });
};
