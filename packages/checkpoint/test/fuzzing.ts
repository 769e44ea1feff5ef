import {
  CheckpointNotFoundError,
  CorruptCheckpointError,
  UnsupportedCheckpointError,
} from '../src/index';

/** Cases of each fuzzer. They take a minute at most on an idle machine, and may take as long as they need. */
export const fuzzing = { numRuns: 100_000, timeout: 3_600_000 };

const isNamed = (error: unknown): boolean =>
  [CorruptCheckpointError, UnsupportedCheckpointError, CheckpointNotFoundError].some(
    (kind) => error instanceof kind,
  );

/** Whether work ends well or with one of our own errors; anything else fails the test and is shown. */
export const endsWell = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!isNamed(error)) throw error;
  }
};
