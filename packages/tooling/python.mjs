import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const packages = ['tensorflow-cpu==2.21.0', 'tensorboard==2.21.0', 'tqdm==4.70.1'];
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'elistimator');
const environment = join(cache, 'python-oracle-2.21.0');
const interpreter = join(environment, 'bin', 'python');
const ready = join(environment, 'ready');
const refused = join(environment, 'refused');
/** After this long a refusal is forgotten, since the machine's network may have changed. */
const refusalLasts = 60 * 60 * 1000;

/** Runs a command to its end; resolves to the tail of its output, or null when it succeeded. */
const failureOf = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-2000);
      });
    }
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : output.trim().split('\n').at(-1)));
  });

const install = async () => {
  const failure =
    (await failureOf('python3', ['-m', 'venv', environment])) ??
    (await failureOf(interpreter, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--retries',
      '0',
      ...packages,
    ]));
  mkdirSync(environment, { recursive: true });
  writeFileSync(failure === null ? ready : refused, failure ?? '');
};

const known = () => {
  if (existsSync(ready)) return { python: interpreter };
  if (existsSync(refused) && Date.now() - statSync(refused).mtimeMs < refusalLasts) {
    return { reason: `Python TensorFlow could not be installed: ${readFileSync(refused, 'utf8')}` };
  }
  return undefined;
};

export const pythonOracle = async () => {
  if (process.env.ELISTIMATOR_PYTHON) return { python: process.env.ELISTIMATOR_PYTHON };
  const lock = join(cache, 'python-oracle.lock');
  mkdirSync(cache, { recursive: true });
  for (;;) {
    const found = known();
    if (found) return found;
    try {
      mkdirSync(lock);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      // A killed installer leaves its lock behind; an install takes minutes at most.
      if (Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs > 15 * 60 * 1000) {
        rmSync(lock, { recursive: true, force: true });
      }
      await sleep(500);
      continue;
    }
    try {
      rmSync(environment, { recursive: true, force: true });
      await install();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
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
