import { SummaryValueError } from './errors';

/**
 * Checks what every summary has.
 *
 * @throws SummaryValueError
 */
export const checkPoint = (tag: string, step: number, wallTime: number): void => {
  if (typeof tag !== 'string' || tag === '') {
    const fix = 'Name what is recorded.';
    throw new SummaryValueError(String(tag), 'a tag of one character or more', 'none', fix);
  }
  if (!Number.isSafeInteger(step)) {
    const fix = 'Count steps in whole numbers.';
    throw new SummaryValueError(tag, 'a step, which is a whole number', String(step), fix);
  }
  if (!Number.isFinite(wallTime)) {
    const fix = 'Leave it out for the present.';
    throw new SummaryValueError(tag, 'a wall time in seconds', String(wallTime), fix);
  }
};
