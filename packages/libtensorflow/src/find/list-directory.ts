import { readdirSync } from 'node:fs';

/** The names in a directory, sorted; none when it can't be read. */
export const listDirectory = (directory: string): string[] => {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
};
