import { execFileSync } from 'node:child_process';
import { pythonOracle } from '@elistimator/tooling/python';
import { expect, it, onTestFinished } from 'vitest';
import { FakeDisk } from '../../test/support/fake-disk';
import { findLibtensorflow, requireLibtensorflow } from './find-libtensorflow';
import { LibtensorflowNotFoundError } from './libtensorflow-not-found-error';

const oracle = await pythonOracle();
const python = 'python' in oracle ? oracle.python : undefined;

it.skipIf(python === undefined)('finds what a real Python TensorFlow says of itself', async () => {
  const program = `
import importlib.metadata, os, sys
import tensorflow as tf
print(tf.sysconfig.get_lib(), tf.__version__, tf.test.is_built_with_cuda(), sys.prefix, sep="\\n")`;
  const [folder, version, cuda, prefix] = execFileSync(String(python), ['-c', program], {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');
  const { found } = await findLibtensorflow({ path: prefix });
  expect(found?.path).toMatch(new RegExp(`^${folder}/libtensorflow_cc`));
  expect(found?.frameworkPath).toMatch(new RegExp(`^${folder}/libtensorflow_framework`));
  expect(found?.version).toBe(version);
  expect(found?.cuda).toBe(cuda === 'True');
  const asked = await findLibtensorflow({ all: true, env: { VIRTUAL_ENV: prefix, PATH: '' } });
  expect([asked.found, ...asked.alternatives].map((each) => each?.path)).toContain(found?.path);
});

it('searches once for the same options, and again after an error', async () => {
  const disk = new FakeDisk();
  onTestFinished(() => disk[Symbol.dispose]());
  const options = { path: disk.at('venv') };
  await expect(findLibtensorflow(options)).rejects.toBeInstanceOf(LibtensorflowNotFoundError);
  disk.environment('venv', {
    libraries: process.platform === 'darwin' ? ['libtensorflow_cc.2.dylib'] : undefined,
  });
  const found = await findLibtensorflow(options);
  expect(found.found?.version).toBe('2.21.0');
  expect(await findLibtensorflow(options)).toBe(found);
});

it('names every place, and a command, when there is none', () => {
  const looked = [{ place: '/usr/bin/python3', outcome: 'no TensorFlow in it' }];
  expect(() => requireLibtensorflow({ alternatives: [], looked })).toThrow(
    /\/usr\/bin\/python3: no TensorFlow in it.*pip install tensorflow/,
  );
});
