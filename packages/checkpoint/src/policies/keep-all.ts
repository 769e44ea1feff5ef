import type { KeepPolicy } from './keep-policy';

/** Keeps every checkpoint. */
export const keepAll = (): KeepPolicy => ({ keep: (checkpoints) => checkpoints });
