import type { CheckpointSnapshot } from '../src/index';

/** Several disk pages, some of which remain when a process is killed during a write. */
const LENGTH = 3000;

/** A checkpoint whose tensors and attachments all contain the step and the number of the save of that step. */
export const checkpointOf = (globalStep: number, generation = 1): CheckpointSnapshot => {
  const value = globalStep + 101 * generation;
  return {
    globalStep,
    tensors: [
      ...Array.from({ length: 12 }, (_, layer) => ({
        name: `dense_${layer}/kernel`,
        dtype: 'float32' as const,
        shape: [LENGTH],
        data: new Float32Array(LENGTH).fill(value),
      })),
      {
        name: 'global_step',
        dtype: 'int64',
        shape: [],
        data: BigInt64Array.of(BigInt(globalStep)),
      },
    ],
    metrics: { loss: 1 / value },
    attachments: attachmentsOf(value),
    state: { value },
  };
};

/** Attachments that differ in length between saves, one of which only some saves have. */
const attachmentsOf = (value: number): Readonly<Record<string, Uint8Array>> => ({
  '.meta': Buffer.from(`graph ${value} `.repeat(value)),
  ...(value % 2 === 0 && { '.vocabulary': Buffer.from(`words ${value}`) }),
});
