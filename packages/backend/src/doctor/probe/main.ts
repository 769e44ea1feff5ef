import type { BackendName } from '../../backend-report';
import { probeBackend } from './probe-backend';
import { probeLibrary } from './probe-library';
import type { ProbeMessage } from './probe-message';

/** The program of a probing process: `backend <name>` or `library <path>`, over an IPC channel. */
const [, , task, subject = ''] = process.argv;

// Whatever a backend leaves running, threads or sockets, is no reason to stay.
process.once('disconnect', () => process.exit());

const tell = (message: ProbeMessage): void => {
  process.send?.(message);
};

if (task === 'library') {
  await probeLibrary(subject, tell);
} else {
  await probeBackend(subject as BackendName, tell);
}
process.disconnect?.();
