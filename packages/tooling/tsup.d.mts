import type { Options } from 'tsup';

/**
 * The one way a package of this workspace is built: ESM, declarations, source maps.
 *
 * @param entry output name to source file; more than one where a package has subpaths
 */
export function library(entry?: Record<string, string>): Options;
