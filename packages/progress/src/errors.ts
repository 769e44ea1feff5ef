import { ExplainedRangeError } from '@elistimator/internal';

/** An option of a reporter is invalid. */
export class ProgressOptionError extends ExplainedRangeError {
  override readonly name = 'ProgressOptionError';

  constructor(option: string, expected: string, actual: unknown, fix: string) {
    super({ subject: `TqdmReporter option "${option}"`, expected, actual: String(actual), fix });
  }
}
