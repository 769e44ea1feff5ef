import { InvalidCheckpointOptionError } from './errors';

/** @throws InvalidCheckpointOptionError when a value is no whole number from `least` on */
export const assertCount = (option: string, value: number, least: number): number => {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InvalidCheckpointOptionError(
      option,
      `a whole number from ${least}`,
      value,
      'Round it.',
    );
  }
  return value;
};

/** @throws InvalidCheckpointOptionError when a value is not a finite number above 0 */
export const assertPositive = (option: string, value: number): number => {
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidCheckpointOptionError(
      option,
      'a number above 0',
      value,
      'Leave it out for none.',
    );
  }
  return value;
};
