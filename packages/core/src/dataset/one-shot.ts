import { DatasetError } from './errors';
import { type AnyIterator, hasMethod, openIterable } from './iterators';

/** Who reads an iterator or a stream, and whether more can be read. */
interface Reading {
  readonly reader: string;
  readonly state: 'in progress' | 'over';
}

const readings = new WeakMap<object, Reading>();

const isNodeStream = (value: unknown): value is object =>
  hasMethod(value, 'pipe') && hasMethod(value, 'read');

/** Whether a value can be read only once: an iterator, a running generator, or a stream. */
export const isOneShot = (value: unknown): value is object =>
  hasMethod(value, 'next') || isNodeStream(value) || hasMethod(value, 'getReader');

const nameOf = (value: object): string => {
  if (isNodeStream(value) || hasMethod(value, 'getReader')) return 'stream';
  return hasMethod(value, Symbol.asyncIterator) || hasMethod(value, Symbol.iterator)
    ? 'generator or iterator'
    : 'iterator';
};

/** Whether a Node stream was read to its end or destroyed by someone else. */
const isStreamOver = (value: object): boolean =>
  isNodeStream(value) &&
  (('readableEnded' in value && value.readableEnded === true) ||
    ('destroyed' in value && value.destroyed === true));

/** An iterator that was opened, and what to call when it is left. */
export interface OpenedIterator {
  readonly iterator: AnyIterator;
  readonly onLeft?: (canContinue: boolean) => void;
}

/**
 * Starts iterating.
 *
 * @param reader who reads it, for messages: `trainInputFn`
 * @returns undefined if the value is not iterable
 * @throws DatasetError if it can be read only once, and was read or is being read
 */
export const openOnce = (value: unknown, reader: string): OpenedIterator | undefined => {
  if (!isOneShot(value)) {
    const iterator = openIterable(value);
    return iterator && { iterator };
  }
  const reading = readings.get(value);
  if (reading || isStreamOver(value)) {
    const noun = nameOf(value);
    throw new DatasetError({
      subject: reader,
      expected: 'data that can be read from its beginning',
      actual: !reading
        ? `a ${noun} that has ended`
        : reading.state === 'over'
          ? `a ${noun} that ${reading.reader} has already read`
          : `a ${noun} that ${reading.reader} is reading`,
      fix: 'Each pass over the data needs another one: start a new generator, iterator or stream inside the function, or return a Dataset.',
    });
  }
  const iterator = openIterable(value) ?? (value as AnyIterator);
  readings.set(value, { reader, state: 'in progress' });
  return {
    iterator,
    onLeft: (canContinue) => {
      if (canContinue) readings.delete(value);
      else readings.set(value, { reader, state: 'over' });
    },
  };
};
