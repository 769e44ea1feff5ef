import {
  CheckpointNotFoundError,
  CorruptCheckpointError,
  UnsupportedCheckpointError,
} from '../src/index';

/** The cases of each fuzzer, which take up to a minute on an idle machine. */
export const fuzzing = { numRuns: 100_000, timeout: 3_600_000 };

const isNamed = (error: unknown): boolean =>
  [CorruptCheckpointError, UnsupportedCheckpointError, CheckpointNotFoundError].some(
    (kind) => error instanceof kind,
  );

/** Rethrows errors that are not among this package's named errors. */
export const endsWell = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!isNamed(error)) throw error;
  }
};
