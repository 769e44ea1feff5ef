import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';

const isLibtensorflow = /\/libtensorflow(_cc)?\.so[.\d]*$/;

/**
 * The libtensorflows that this process has open, whoever opened them: tfjs-node's addon has one too.
 * Only Linux tells; elsewhere the list is empty.
 */
export const openLibtensorflows = (maps = '/proc/self/maps'): string[] => {
  if (process.platform !== 'linux') return [];
  const paths = readFileSync(maps, 'utf8')
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .filter((path) => isLibtensorflow.test(path));
  return [...new Set(paths)];
};

const opens = (path: string): boolean => {
  try {
    koffi.load(path, { global: true });
    return true;
  } catch {
    return false;
  }
};

/**
 * Opens the libraries of some directories for the whole process, so that a libtensorflow which can't
 * reach them finds them there by name. One that can't be opened is left out: TensorFlow says itself
 * which it misses.
 */
export const openForAll = (directories: readonly string[]): void => {
  let waiting = directories.flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => /\.so(\.\d+)*$/.test(name))
      .map((name) => join(directory, name)),
  );
  // They need one another, in an order that nobody wrote down: go round until no more opens.
  for (let before = Infinity; waiting.length < before && waiting.length > 0; ) {
    before = waiting.length;
    waiting = waiting.filter((path) => !opens(path));
  }
};
