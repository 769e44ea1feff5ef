import type { Options } from 'tsup';

/**
 * The build settings of a package in this workspace: ESM, declarations, source maps.
 *
 * @param entry source files by output name; several if the package has subpaths. Default: `src/index.ts`
 */
export function library(entry?: Record<string, string>): Options;
