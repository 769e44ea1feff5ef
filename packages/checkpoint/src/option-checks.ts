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
