import type { CheckpointSnapshot } from '../src/index';

/** Long enough to be written in many parts. */
const LENGTH = 100_000;

/** A checkpoint whose every tensor says of which step it is. */
export const checkpointOf = (globalStep: number): CheckpointSnapshot => ({
  globalStep,
  tensors: [
    ...Array.from({ length: 12 }, (_, layer) => ({
      name: `dense_${layer}/kernel`,
      dtype: 'float32' as const,
      shape: [LENGTH],
      data: new Float32Array(LENGTH).fill(globalStep),
    })),
    { name: 'global_step', dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(globalStep)) },
  ],
  metrics: { loss: 1 / globalStep },
  attachments: { '.meta': Buffer.from(`graph ${globalStep}`) },
  state: { globalStep },
});
