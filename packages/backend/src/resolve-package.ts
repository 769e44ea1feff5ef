import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A package found on disk, and the `require` that finds it. */
export interface ResolvedPackage {
  readonly require: NodeJS.Require;
  /** Absolute path of its package.json. */
  readonly packageFile: string;
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';

/**
 * Finds an optional package: first from the application, whose version is the one to respect, then
 * from this package. An application need not be where this package is installed: think of a
 * workspace, or a linked folder.
 *
 * @param name the package's npm name
 * @param application the folder of the application; the working directory when left out
 * @returns undefined when neither finds it
 */
export const resolvePackage = (
  name: string,
  application: string = process.cwd(),
): ResolvedPackage | undefined => {
  for (const from of [pathToFileURL(join(application, 'package.json')).href, import.meta.url]) {
    const require = createRequire(from);
    try {
      return { require, packageFile: require.resolve(`${name}/package.json`) };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return undefined;
};
