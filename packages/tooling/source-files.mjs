import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file belongs to. */
export const thisCheckout = fileURLToPath(new URL('../..', import.meta.url));

const isHandWritten = (path) =>
  path.endsWith('.ts') && !/\.(test|test-d|d)\.ts$|(^|[/\\])(gen|dist)[/\\]/.test(path);

/**
 * The hand-written TypeScript files in the `src` folders of a checkout: no tests, declarations or generated code.
 *
 * @returns {{ package: string, path: string, text: string }[]} `path` is relative to `root`
 */
export const readSourceFiles = (root) => {
  const packages = join(root, 'packages');
  return readdirSync(packages)
    .sort()
    .flatMap((folder) => {
      const src = join(packages, folder, 'src');
      if (!existsSync(src)) return [];
      return readdirSync(src, { recursive: true })
        .filter(isHandWritten)
        .sort()
        .map((file) => ({
          package: folder,
          path: relative(root, join(src, file)),
          text: readFileSync(join(src, file), 'utf8'),
        }));
    });
};
