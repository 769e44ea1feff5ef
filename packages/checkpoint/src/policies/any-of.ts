import type { KeepPolicy } from './keep-policy';

/** Keeps what at least one of the policies keeps. */
export const anyOf = (...policies: readonly KeepPolicy[]): KeepPolicy => ({
  keep: (checkpoints, context) =>
    new Set(policies.flatMap((policy) => [...policy.keep(checkpoints, context)])),
});
