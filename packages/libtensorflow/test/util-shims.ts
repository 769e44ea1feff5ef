/** Restores the functions of `node:util` that tfjs-node 4.22 calls and Node 23 removed. */
export const shimUtil = (util: Record<string, unknown>): void => {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
};
