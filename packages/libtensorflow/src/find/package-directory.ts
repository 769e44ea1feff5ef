import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';

/**
 * The directory of an installed package.
 *
 * @param importers absolute paths of files; the first whose imports would find the package decides
 * @returns undefined when none finds it
 */
export const packageDirectory = (
  name: string,
  importers: readonly string[],
): string | undefined => {
  for (const importer of importers) {
    try {
      return dirname(createRequire(importer).resolve(`${name}/package.json`));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return undefined;
};
