import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cachedEnvironment, failureOf } from './cached-environment.mjs';

const packages = ['tensorflow-cpu==2.21.0', 'tensorboard==2.21.0', 'tqdm==4.70.1'];

const interpreterOf = (folder) => join(folder, 'bin', 'python');

const install = async (folder) => {
  const pip = ['-m', 'pip', 'install', '--quiet', '--retries', '0', ...packages];
  return (
    (await failureOf('python3', ['-m', 'venv', folder])) ??
    (await failureOf(interpreterOf(folder), pip))
  );
};

export const pythonOracle = async () => {
  if (process.env.ELISTIMATOR_PYTHON) return { python: process.env.ELISTIMATOR_PYTHON };
  const { folder, reason } = await cachedEnvironment('python-oracle-2.21.0', install);
  return folder === undefined
    ? { reason: `Python TensorFlow could not be installed: ${reason}` }
    : { python: interpreterOf(folder) };
};

export const runPython = (python, source, argv = [], stdin = '') =>
  JSON.parse(
    execFileSync(python, ['-c', source, ...argv], {
      input: stdin,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        TF_CPP_MIN_LOG_LEVEL: '3',
        CUDA_VISIBLE_DEVICES: '',
        PYTHONWARNINGS: 'ignore',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
