import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { pythonOracle } from '@elistimator/tooling/python';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { elfFile } from '../../test/support/elf-file';
import { FakeDisk } from '../../test/support/fake-disk';
import { findLibtensorflow, requireLibtensorflow, search } from './find';
import { type Machine, thisMachine } from './machine';
import { LibtensorflowNotFoundError, type SearchAttempt } from './report';

let disk: FakeDisk;
beforeEach(() => {
  disk = new FakeDisk();
  mkdirSync(disk.at('project'));
  onTestFinished(() => disk[Symbol.dispose]());
});

/** A machine with nothing but the files that a test writes to the disk. */
const machine = (env: NodeJS.ProcessEnv = {}, changes: Partial<Machine> = {}): Machine => {
  const visible = { HOME: disk.at('home'), PATH: '', ...env };
  return {
    ...thisMachine(visible, disk.at('project'), 10_000),
    platform: 'linux',
    packageDirectory: (name) => {
      const directory = disk.at('project/node_modules', name);
      return existsSync(directory) ? directory : undefined;
    },
    libraryDirectories: [disk.at('usr/lib')],
    ...changes,
  };
};

const find = (env?: NodeJS.ProcessEnv, changes?: Partial<Machine>) =>
  search(undefined, true, machine(env, changes));

const outcomeAt = (attempts: readonly SearchAttempt[], place: string) =>
  attempts.find((attempt) => attempt.place === place)?.outcome;

const library = 'libtensorflow_cc.so.2';

describe('a path', () => {
  const venv = () => disk.environment('venv', {});
  const path = () => disk.at('venv/lib/python3.11/site-packages/tensorflow', library);

  it.each([
    ['a Python environment', ''],
    ['its site-packages', 'lib/python3.11/site-packages'],
    ['the module', 'lib/python3.11/site-packages/tensorflow'],
    ['the library', `lib/python3.11/site-packages/tensorflow/${library}`],
  ])('may be %s', async (_, inner) => {
    venv();
    const { found } = await search(disk.at('venv', inner), false, machine());
    expect(found).toMatchObject({ path: path(), version: '2.21.0', cuda: false, source: 'option' });
    expect(found?.frameworkPath).toContain('libtensorflow_framework.so.2');
  });

  it('may be an unpacked archive, whose version is in a file name', async () => {
    disk.write('archive/lib/libtensorflow.so.2.9.1', elfFile());
    symlinkSync('libtensorflow.so.2.9.1', disk.at('archive/lib/libtensorflow.so'));
    const { found } = await search('../archive', false, machine());
    expect(found).toEqual({
      path: disk.at('archive/lib/libtensorflow.so.2.9.1'),
      source: 'option',
      version: '2.9.1',
    });
  });

  it('precedes the variable, which precedes everything else', async () => {
    venv();
    const other = disk.environment('project/.venv', { version: '2.20.0' });
    const env = { ELISTIMATOR_LIBTENSORFLOW: other };
    const named = await search(disk.at('venv'), true, machine(env));
    expect(named.found?.version).toBe('2.21.0');
    expect(named.alternatives.map(({ source }) => source)).toEqual(['python']);
    const { found } = await search(undefined, false, machine(env));
    expect(found).toMatchObject({ version: '2.20.0', source: 'environment' });
  });

  it.each([
    ['missing', () => disk.at('none'), 'does not exist'],
    ['an empty directory', () => disk.at('project'), 'neither a libtensorflow nor a Python'],
    ['a text file', () => disk.write('a.so', 'text'), 'not a 64-bit shared library'],
    ['an old version', () => disk.write('libtensorflow.so.1.15.0', elfFile()), '1.15.0'],
    [
      'built for another processor',
      () => disk.write('libtensorflow.so', elfFile({ machine: 243 })),
      'built for riscv64',
    ],
    [
      'a wheel without the library',
      () => disk.environment('old', { libraries: [], version: '2.5.0' }),
      'TensorFlow 2.5.0 has the C API only inside a Python extension',
    ],
  ])('that is %s throws, although there is another library', async (_, create, reason) => {
    venv();
    const invalidPath = create();
    for (const [option, env] of [
      [invalidPath, {}],
      [undefined, { ELISTIMATOR_LIBTENSORFLOW: invalidPath }],
    ] as const) {
      const error = await search(option, false, machine(env)).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(LibtensorflowNotFoundError);
      expect(error.message).toContain(reason);
      expect(error.message).toContain(invalidPath);
      expect(error.message).toContain('.venv/bin/pip install tensorflow');
    }
  });
});

describe('tfjs-node', () => {
  const install = (name: string): string => {
    disk.write(`project/node_modules/@tensorflow/${name}/package.json`, '{}');
    return `project/node_modules/@tensorflow/${name}`;
  };

  it('precedes Python, with the GPU package first', async () => {
    disk.environment('project/.venv', {});
    for (const name of ['tfjs-node', 'tfjs-node-gpu']) {
      disk.write(`${install(name)}/deps/lib/libtensorflow.so.2.9.1`, elfFile());
    }
    const { found, alternatives } = await find();
    expect([found, ...alternatives].map((library) => library?.source)).toEqual([
      'tfjs-node-gpu',
      'tfjs-node',
      'python',
    ]);
  });

  it('without its install script, or with a dangling link, is skipped', async () => {
    install('tfjs-node-gpu');
    const libraries = disk.at(install('tfjs-node'), 'deps', 'lib');
    mkdirSync(libraries, { recursive: true });
    symlinkSync('/none/libtensorflow.so.2', `${libraries}/libtensorflow.so`);
    const { found, attempts } = await find();
    expect(found).toBeUndefined();
    expect(outcomeAt(attempts, '@tensorflow/tfjs-node-gpu')).toContain(
      'install script did not run',
    );
    expect(outcomeAt(attempts, '@tensorflow/tfjs-node')).toContain('links to /none/');
  });

  it('that links into a wheel is reported once, with facts about the wheel', async () => {
    const venv = disk.environment('project/.venv', { version: '2.20.0' });
    const libraries = disk.at(install('tfjs-node'), 'deps', 'lib');
    mkdirSync(libraries, { recursive: true });
    const file = `${venv}/lib/python3.11/site-packages/tensorflow/${library}`;
    symlinkSync(file, `${libraries}/libtensorflow.so`);
    const { found, alternatives } = await find();
    expect(found).toMatchObject({ path: file, version: '2.20.0', source: 'tfjs-node' });
    expect(alternatives).toEqual([]);
  });
});

describe('Python', () => {
  it('is searched from the nearest environment to the farthest', async () => {
    const versions = ['2.11.0', '2.12.0', '2.13.0', '2.14.0', '2.15.0', '2.16.0', '2.17.0'];
    const [active, conda, project, path, pyenv, virtualenv, pipx] = versions;
    disk.environment('active', { version: active });
    disk.environment('conda', { version: conda });
    disk.environment('.venv', { version: project });
    disk.python('bin/python3', disk.wheel('usr/lib/python3/dist-packages', { version: path }));
    disk.environment('home/.pyenv/versions/3.11', { version: pyenv });
    disk.environment('home/.virtualenvs/one', { version: virtualenv });
    disk.environment('home/.local/share/pipx/venvs/tensorboard', { version: pipx });
    const { found, alternatives } = await find({
      VIRTUAL_ENV: disk.at('active'),
      CONDA_PREFIX: disk.at('conda'),
      PATH: disk.at('bin'),
    });
    expect([found, ...alternatives].map((library) => library?.version)).toEqual(versions);
    expect(found?.python).toEqual({
      interpreter: disk.at('active/bin/python'),
      environment: disk.at('active'),
    });
  });

  it('finds the environments in the list that conda keeps', async () => {
    const environment = disk.environment('far/away', {
      distribution: 'tensorflow',
      version: '2.18.1',
    });
    disk.write('home/.conda/environments.txt', `${environment}\n${disk.at('gone')}\n`);
    const { found } = await find();
    expect(found).toMatchObject({ version: '2.18.1', python: { environment } });
  });

  it('does not run once a library is found, unless all are requested', async () => {
    disk.environment('project/.venv', {});
    const run = () => Promise.reject(new Error('asked'));
    disk.write('project/node_modules/@tensorflow/tfjs-node/package.json', '{}');
    disk.write('project/node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow.so', elfFile());
    const first = await search(undefined, false, machine({}, { run }));
    expect(first.attempts.map(({ outcome }) => outcome)).not.toContain('asked');
    const all = await search(undefined, true, machine({}, { run }));
    expect(outcomeAt(all.attempts, disk.at('project/.venv/bin/python'))).toBe('asked');
  });

  it('without TensorFlow, or that fails, prints nonsense or hangs, is skipped with a reason', async () => {
    disk.environment('empty');
    disk.program('a/python3', 'echo "python3: broken" >&2; exit 3');
    disk.program('b/python3', 'echo hello');
    const hanging = disk.program('c/python3', 'exec /bin/sleep 600');
    const env = {
      HOME: disk.at('home'),
      VIRTUAL_ENV: disk.at('empty'),
      PATH: ['a', 'b', 'c'].map((name) => disk.at(name)).join(':'),
    };
    const patient = thisMachine(env, disk.root, 60_000);
    const hasty = thisMachine(env, disk.root, 300);
    const run: Machine['run'] = (program, args) =>
      (program === hanging ? hasty : patient).run(program, args);
    const { found, attempts } = await find(env, { run });
    expect(found).toBeUndefined();
    expect(outcomeAt(attempts, disk.at('empty/bin/python'))).toBe('it has no TensorFlow');
    expect(outcomeAt(attempts, disk.at('a/python3'))).toBe('python3: broken');
    expect(outcomeAt(attempts, disk.at('b/python3'))).toContain('it answered "hello');
    expect(outcomeAt(attempts, disk.at('c/python3'))).toBe('no answer within 0.3 s');
  });

  it('with a CUDA wheel lists the CUDA libraries outside its search path', async () => {
    const wheel = { cuda: true, distribution: 'tensorflow', nvidia: ['cudnn', 'cublas'] };
    const nvidia = (name: string, part: string) =>
      disk.at(name, 'lib/python3.11/site-packages/nvidia', part, 'lib');
    const reaches = '$ORIGIN/../nvidia/cudnn/lib';
    disk.environment('one', { ...wheel, runpath: reaches });
    disk.environment('two', { ...wheel, runpath: `${reaches}:$ORIGIN/../nvidia/cublas/lib` });
    const one = await search(disk.at('one'), false, machine());
    expect(one.found).toMatchObject({
      cuda: true,
      cudaLibraryDirectories: [nvidia('one', 'cublas')],
    });
    const byVariable = { LD_LIBRARY_PATH: nvidia('one', 'cublas') };
    for (const report of [
      await search(disk.at('one'), false, machine(byVariable)),
      await search(disk.at('two'), false, machine()),
    ]) {
      expect(report.found?.cuda).toBe(true);
      expect(report.found).not.toHaveProperty('cudaLibraryDirectories');
    }
  });

  it('has libraries with other names on macOS', async () => {
    disk.environment('project/.venv', {
      libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    });
    const { found } = await find({}, { platform: 'darwin' });
    expect(found?.path).toMatch(/libtensorflow_cc\.2\.dylib$/);
    expect(found?.frameworkPath).toMatch(/libtensorflow_framework\.2\.dylib$/);
  });
});

describe('the system', () => {
  it("is searched by the loader's path, its cache and the standard directories", async () => {
    disk.write('one/libtensorflow.so.2.15.0', elfFile());
    disk.write('usr/lib/libtensorflow.so.2.17.0', elfFile());
    const cached = disk.write('cached/libtensorflow.so.2.16.1', elfFile());
    disk.program(
      'sbin/ldconfig',
      `printf '2 libs\\n\\tlibtensorflow.so.2 (libc6) => ${cached}\\n'`,
    );
    const { found, alternatives } = await find({
      LD_LIBRARY_PATH: disk.at('one'),
      PATH: disk.at('sbin'),
    });
    expect([found, ...alternatives].map((library) => library?.version)).toEqual([
      '2.15.0',
      '2.16.1',
      '2.17.0',
    ]);
    expect(found?.source).toBe('system');
  });
});

it('reports that Windows is not supported', async () => {
  const { found, attempts } = await find({}, { platform: 'win32' });
  expect(found).toBeUndefined();
  expect(attempts).toEqual([
    { place: 'win32', outcome: expect.stringContaining('Linux and macOS') },
  ]);
});

const oracle = await pythonOracle();
const python = 'python' in oracle ? oracle.python : undefined;

it.skipIf(python === undefined)(
  'agrees with a real Python TensorFlow about its location and version',
  async () => {
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
    const byEnvironment = await findLibtensorflow({
      all: true,
      env: { VIRTUAL_ENV: prefix, PATH: '' },
    });
    expect(
      [byEnvironment.found, ...byEnvironment.alternatives].map((library) => library?.path),
    ).toContain(found?.path);
  },
);

it('searches once for the same options, but again after an error', async () => {
  const options = { path: disk.at('venv') };
  await expect(findLibtensorflow(options)).rejects.toBeInstanceOf(LibtensorflowNotFoundError);
  disk.environment('venv', {
    libraries: process.platform === 'darwin' ? ['libtensorflow_cc.2.dylib'] : undefined,
  });
  const report = await findLibtensorflow(options);
  expect(report.found?.version).toBe('2.21.0');
  expect(await findLibtensorflow(options)).toBe(report);
});

it('an error names every searched place and the command to install one', () => {
  const attempts = [{ place: '/usr/bin/python3', outcome: 'it has no TensorFlow' }];
  expect(() => requireLibtensorflow({ alternatives: [], attempts })).toThrow(
    /got none \(\/usr\/bin\/python3: it has no TensorFlow\)\. Run: .*pip install tensorflow/,
  );
});
