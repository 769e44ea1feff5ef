import { reasonOf } from '@elistimator/internal';
import { loadLibtensorflow } from '@elistimator/libtensorflow';
import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError } from '../../api/errors';
import type { BackendName } from '../../api/report';
import { useBackend } from '../../use-backend';
import type { ProbeMessage } from './run-probe';
import { trainBriefly } from './train';
import { trainingKernelNames } from './training-kernel-names';

// The program of a probe process. Arguments: `backend <name>` or `library <path>`. Reports over an
// IPC channel.

const report = (message: ProbeMessage): void => {
  process.send?.(message);
};

/** The candidate's reason, without the rest of the message of `useBackend()`. */
const candidateReason = (error: unknown): string =>
  (error instanceof BackendUnavailableError ? error.rejected[0]?.reason : undefined) ??
  reasonOf(error);

const probeBackend = async (name: BackendName): Promise<void> => {
  try {
    const { version, gpu } = await useBackend({ backend: name });
    report({ kind: 'started', ...(version === undefined ? {} : { version }), gpu });
  } catch (error) {
    report({ kind: 'refused', reason: candidateReason(error) });
    return;
  }
  const registered = new Set(
    tf.getKernelsForBackend(tf.getBackend()).map(({ kernelName }) => kernelName),
  );
  const missing = trainingKernelNames.filter((kernelName) => !registered.has(kernelName));
  report({ kind: 'kernels', missing });
  for (const model of ['mlp', 'cnn'] as const) {
    report({ kind: 'training', model });
    try {
      report({ kind: 'trained', probe: await trainBriefly(model) });
    } catch (error) {
      report({ kind: 'failed', model, reason: reasonOf(error) });
    }
  }
};

const probeLibrary = async (path: string): Promise<void> => {
  try {
    const library = await loadLibtensorflow({ path });
    report({ kind: 'library', version: library.version, devices: library.devices() });
  } catch (error) {
    report({ kind: 'refused', reason: reasonOf(error) });
  }
};

// Threads or sockets that a backend leaves open must not keep the process alive.
process.once('disconnect', () => process.exit());

const [, , task, subject = ''] = process.argv;
if (task === 'library') {
  await probeLibrary(subject);
} else {
  await probeBackend(subject as BackendName);
}
process.disconnect?.();
