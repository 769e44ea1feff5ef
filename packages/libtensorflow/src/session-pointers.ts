import { bufferBytes, type Pointer } from './c-api';
import { TensorArgumentError, TensorflowError } from './errors';
import type { Runtime } from './runtime';
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

const made = (pointer: Pointer | null, subject: string): Pointer => {
  if (pointer !== null) return pointer;
  throw new TensorflowError(subject, 2, 'It gave no session, and no reason.');
};

/**
 * The address of a new `TF_Session`.
 *
 * @throws ConfigError for an option outside its range.
 * @throws TensorflowError when TensorFlow can't start one with these options.
 */
export const newSession = (runtime: Runtime, graph: Pointer, config: SessionConfig): Pointer =>
  withOptions(runtime, config, (options) => {
    const { c, status } = runtime;
    const session = c.TF_NewSession(graph, options, status.pointer);
    status.check('New session');
    return made(session, 'New session');
  });

/** TensorFlow stops the process where it gets no string. */
const checkStrings = (directory: unknown, tags: unknown): void => {
  const fit =
    typeof directory === 'string' &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string');
  if (fit) return;
  throw new TensorArgumentError({
    subject: 'SavedModel',
    expected: 'its directory as a string, and its tags as a list of them',
    actual: `${String(directory)} and ${String(tags)}`,
    fix: "Give both, such as '/models/digits' and ['serve'].",
  });
};

/** A SavedModel's session, and its serialised `tensorflow.MetaGraphDef`. */
export interface LoadedSession {
  readonly session: Pointer;
  readonly metaGraphDef: Uint8Array;
}

/**
 * Loads a SavedModel into an empty graph, and restores its variables.
 *
 * @throws TensorflowError when the directory holds none with these tags, or it is damaged.
 * @throws TensorArgumentError when they are no strings.
 */
export const loadSession = (
  runtime: Runtime,
  graph: Pointer,
  directory: string,
  tags: readonly string[],
  config: SessionConfig,
): LoadedSession => {
  checkStrings(directory, tags);
  return withOptions(runtime, config, (options) => {
    const { c, status } = runtime;
    const metaGraphDef = c.TF_NewBuffer();
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
      status.check(`SavedModel ${directory}`);
      return {
        session: made(session, `SavedModel ${directory}`),
        metaGraphDef: bufferBytes(metaGraphDef),
      };
    } finally {
      c.TF_DeleteBuffer(metaGraphDef);
    }
  });
};
