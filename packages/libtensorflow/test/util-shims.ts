/** What tfjs-node 4.22 calls of Node's `util`, and Node 23 no longer has. */
export const shimUtil = (util: Record<string, unknown>): void => {
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
};
