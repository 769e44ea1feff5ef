import type { CheckpointSnapshot } from '../src/index';

/** A few pages of a disk: what is killed in the middle of a write leaves some of them. */
const LENGTH = 3000;

/** A checkpoint whose every tensor and attachment says of which step it is, and of which save of that step. */
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

/** They differ in length from save to save, and one of them is only there in some. */
const attachmentsOf = (value: number): Readonly<Record<string, Uint8Array>> => ({
  '.meta': Buffer.from(`graph ${value} `.repeat(value)),
  ...(value % 2 === 0 && { '.vocabulary': Buffer.from(`words ${value}`) }),
});
