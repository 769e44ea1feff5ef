import { loadLibtensorflow } from '@elistimator/libtensorflow';
import type { ProbeMessage } from './probe-message';

/** Opens a libtensorflow in this process, and asks it for its devices. */
export const probeLibrary = async (
  path: string,
  tell: (message: ProbeMessage) => void,
): Promise<void> => {
  try {
    const library = await loadLibtensorflow({ path });
    tell({ kind: 'library', version: library.version, devices: library.devices() });
  } catch (error) {
    tell({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
  }
};
