import * as tf from '@tensorflow/tfjs';
import type { BackendName } from '../../backend-report';
import { BackendUnavailableError } from '../../errors';
import { useBackend } from '../../use-backend';
import { trainingKernelNames } from '../training-kernel-names';
import type { ProbeMessage } from './probe-message';
import { trainBriefly } from './train-briefly';

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The candidate's own reason, without what `useBackend()` says around it. */
const refusalOf = (error: unknown): string =>
  (error instanceof BackendUnavailableError ? error.rejected[0]?.reason : undefined) ??
  reasonOf(error);

/** Starts a backend in this process, and trains on it. */
export const probeBackend = async (
  name: BackendName,
  tell: (message: ProbeMessage) => void,
): Promise<void> => {
  try {
    const { version, gpu } = await useBackend({ backend: name });
    tell({ kind: 'started', ...(version === undefined ? {} : { version }), gpu });
  } catch (error) {
    tell({ kind: 'refused', reason: refusalOf(error) });
    return;
  }
  const registered = new Set(
    tf.getKernelsForBackend(tf.getBackend()).map(({ kernelName }) => kernelName),
  );
  tell({ kind: 'kernels', missing: trainingKernelNames.filter((each) => !registered.has(each)) });
  for (const model of ['mlp', 'cnn'] as const) {
    tell({ kind: 'training', model });
    try {
      tell({ kind: 'trained', probe: await trainBriefly(model) });
    } catch (error) {
      tell({ kind: 'failed', model, reason: reasonOf(error) });
    }
  }
};
