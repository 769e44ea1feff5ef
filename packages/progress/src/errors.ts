/** An option of a reporter that makes no sense. */
export class ProgressOptionError extends RangeError {
  override readonly name = 'ProgressOptionError';

  constructor(option: string, expected: string, actual: unknown, fix: string) {
    super(`TqdmReporter option "${option}": expected ${expected}, got ${String(actual)}. ${fix}`);
  }
}
