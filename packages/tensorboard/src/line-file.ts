import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { BackgroundWriter } from './background-writer';
import { openEventFile } from './event-file';
import { type FlushOptions, readLimits } from './flush-limits';
import { LineQueue } from './line-queue';

/** Writes a text file, line by line, in the background. */
export type LineWriter = BackgroundWriter<LineQueue>;

/** Puts whole lines in place of a file, or leaves the file as it was. */
const replaceFile = (path: string, lines: readonly string[]): void => {
  const replacement = `${path}.new`;
  writeFileSync(replacement, lines.map((line) => `${line}\n`).join(''));
  renameSync(replacement, path);
};

/**
 * Opens a text file at its end; creates it, and its directory, where there is none. A last line that
 * is cut off, as a killed process leaves it, is dropped.
 *
 * @param keep which lines stay; all, and the file as it is, by default
 */
export const openLineFile = (
  path: string,
  limits: FlushOptions,
  keep?: (line: string) => boolean,
): LineWriter => {
  const checkedLimits = readLimits(limits);
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, 'a'));
  const content = readFileSync(path, 'utf8');
  if (keep || (content !== '' && !content.endsWith('\n'))) {
    const whole = content.split('\n').slice(0, -1);
    replaceFile(path, keep ? whole.filter(keep) : whole);
  }
  const { size } = statSync(path);
  return new BackgroundWriter(path, openEventFile(path), checkedLimits, new LineQueue(), size);
};
