import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { useBackend } from '@elistimator/backend';
import '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { Configuration } from '../report';

/** The backend of each configuration, as `useBackend()` names it. */
const backends = {
  cpu: 'cpu',
  wasm: 'wasm',
  libtensorflow: 'libtensorflow',
  replay: 'cpu',
} as const satisfies Readonly<Record<Configuration, string>>;

/** The bundle is elsewhere than the package, which looks for its binaries next to itself. */
const locateWasmBinaries = (): void => {
  const require = createRequire(join(process.cwd(), 'package.json'));
  const manifest = require.resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(`${join(dirname(manifest), 'dist')}/`);
};

/**
 * Starts the configuration's backend as applications do.
 *
 * @returns the name under which tfjs knows it
 */
export const startBackend = async (configuration: Configuration): Promise<string> => {
  locateWasmBinaries();
  const backend = backends[configuration];
  const { tfBackend } = await useBackend({ backend });
  return tfBackend;
};
