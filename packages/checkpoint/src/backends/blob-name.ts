import { InvalidBlobNameError } from '../errors';

const LONGEST = 255;

const faultOf = (name: string): string | undefined => {
  if (name === '') return 'an empty name';
  if (name === '.' || name === '..') return 'the name of a directory';
  if (/[/\\]/.test(name)) return 'a path separator';
  if (name.includes('\0')) return 'a NUL character';
  if (Buffer.byteLength(name) > LONGEST) return `${Buffer.byteLength(name)} bytes`;
  return undefined;
};

/** Whether a blob may have this name. */
export const isBlobName = (name: string): boolean => faultOf(name) === undefined;

/**
 * Refuses names that could lead out of a directory or that a file system would not take.
 *
 * @throws InvalidBlobNameError
 */
export const assertBlobName = (name: string): void => {
  const fault = faultOf(name);
  if (fault !== undefined) throw new InvalidBlobNameError(name, fault);
};
