import { createRequire } from 'node:module';

type Predicate = (value: unknown) => boolean;

/**
 * tfjs-node 4.22 calls these two functions of Node's `util`. `isNullOrUndefined` is gone since
 * Node 23; on Node 22 both print a deprecation warning.
 */
const shims: Readonly<Record<string, Predicate>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: Array.isArray,
};

/**
 * Gives Node's `util` the functions that tfjs-node still calls, on the Nodes where they are gone or
 * warn. Elsewhere `util` is left as it is.
 *
 * @param nodeMajor major version of the running Node
 */
export const shimUtil = (
  nodeMajor: number = Number.parseInt(process.versions.node, 10),
  util: Record<string, unknown> = createRequire(import.meta.url)('node:util'),
): void => {
  for (const [name, shim] of Object.entries(shims)) {
    if (nodeMajor >= 22 || util[name] === undefined) util[name] = shim;
  }
};
