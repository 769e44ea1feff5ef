import { InvalidCheckpointOptionError, show } from './errors';

/** @throws InvalidCheckpointOptionError if the value is not an integer from `least` to `most` */
export const assertInteger = (
  option: string,
  value: number,
  least: number,
  most = Number.POSITIVE_INFINITY,
): void => {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = Number.isFinite(most) ? `from ${least} to ${most}` : `of at least ${least}`;
  throw new InvalidCheckpointOptionError(
    option,
    `an integer ${range}`,
    show(value),
    'Pass a number in this range.',
  );
};

const assertKind = (option: string, expected: string, value: unknown, isValid: boolean): void => {
  if (isValid) return;
  throw new InvalidCheckpointOptionError(option, expected, show(value), `Pass ${expected}.`);
};

/** @throws InvalidCheckpointOptionError */
export const assertBoolean = (option: string, value: unknown): void =>
  assertKind(option, 'true or false', value, typeof value === 'boolean');

/** @throws InvalidCheckpointOptionError */
export const assertString = (option: string, value: unknown): void =>
  assertKind(option, 'a string', value, typeof value === 'string');

/** The most data files that a checkpoint is written to. */
export const MOST_SHARDS = 10_000;

/** @throws InvalidCheckpointOptionError if the value is not a finite number above 0 */
export const assertPositive = (option: string, value: number): void => {
  if (Number.isFinite(value) && value > 0) return;
  throw new InvalidCheckpointOptionError(
    option,
    'a number above 0',
    show(value),
    'Pass a number in this range.',
  );
};
