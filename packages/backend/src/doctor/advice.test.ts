import { describe, expect, it } from 'vitest';
import { plainFindings, withBackend } from '../../test/support/doctor-findings';
import { adviceFor, type Findings } from './advice';

const commands = (findings: Findings) => adviceFor(findings).map(({ command }) => command);
const texts = (findings: Findings) => adviceFor(findings).map(({ text }) => text);

const onPlatform = (platform: string, arch: string, libc?: string): Findings => ({
  ...plainFindings,
  platform: { ...plainFindings.platform, platform, arch, libc },
});

const tensorflow = { path: '/app/.venv/libtensorflow_cc.so.2', source: 'python' } as const;
const withLibrary = (cuda: boolean, problem?: string): Findings => ({
  ...plainFindings,
  libtensorflow: {
    ...plainFindings.libtensorflow,
    found: { ...tensorflow, cuda },
    ...(problem === undefined ? {} : { problem }),
  },
});
const kernels = { name: '@tensorflow/tfjs-node', version: '4.22.0', directory: '/app/node' };
const withKernels = (findings: Findings): Findings => ({
  ...findings,
  tfjs: { ...findings.tfjs, packages: [...findings.tfjs.packages, kernels] },
});
const withGpu = (findings: Findings): Findings => ({
  ...findings,
  cuda: { ...findings.cuda, driver: { version: '550.54', gpus: ['NVIDIA H100'] } },
});

const installKernels = 'npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0';
const venv = 'python3 -m venv .venv && .venv/bin/pip install';

describe('TensorFlow', () => {
  it.each([
    ['linux', 'x64', `${installKernels} && ${venv} tensorflow-cpu`],
    ['linux', 'arm64', `${installKernels} && ${venv} tensorflow`],
    ['darwin', 'arm64', `${installKernels} && ${venv} tensorflow`],
    ['win32', 'x64', 'npm install @tensorflow/tfjs-node@4.22.0'],
  ])('is recommended on %s %s', (platform, arch, command) => {
    expect(commands(onPlatform(platform, arch))).toEqual([command]);
  });

  it('installs only what is missing', () => {
    expect(commands(withKernels(plainFindings))).toEqual([`${venv} tensorflow-cpu`]);
    expect(commands(withLibrary(false))).toEqual([installKernels]);
  });

  it('needs glibc', () => {
    expect(adviceFor(onPlatform('linux', 'x64', 'musl'))).toEqual([
      { text: expect.stringContaining('glibc') },
    ]);
  });

  it('needs no advice if it trains', () => {
    expect(adviceFor(withBackend(plainFindings, 'libtensorflow', { trains: true }))).toEqual([]);
  });

  it('is searched for again if the environment variable names a wrong path', () => {
    const libtensorflow = { ...plainFindings.libtensorflow, problem: "'/none' does not exist" };
    expect(adviceFor({ ...plainFindings, libtensorflow })).toEqual([
      { text: expect.any(String), command: 'unset ELISTIMATOR_LIBTENSORFLOW' },
    ]);
  });

  it('is explained if it is installed but does not open', () => {
    expect(adviceFor(withKernels(withLibrary(false, 'it is damaged')))).toEqual([
      { text: expect.stringContaining('it is damaged') },
    ]);
  });
});

describe('a GPU', () => {
  const cuda = `${venv} 'tensorflow[and-cuda]'`;

  it('needs TensorFlow with CUDA if no backend uses it', () => {
    expect(commands(withGpu(plainFindings))).toEqual([`${installKernels} && ${cuda}`]);
    const trainsOnCpu = withBackend(withKernels(withLibrary(false)), 'libtensorflow', {
      trains: true,
    });
    expect(commands(trainsOnCpu)).toEqual([]);
    expect(commands(withGpu(trainsOnCpu))).toEqual([cuda]);
  });

  it('needs the CUDA libraries that are missing', () => {
    const findings = withBackend(withKernels(withLibrary(true)), 'libtensorflow', {
      trains: true,
      problem: undefined,
    });
    expect(texts(withGpu(findings))).toEqual([expect.stringContaining('without libcudnn')]);
  });

  it('needs no advice if a backend trains on it', () => {
    const findings = withBackend(plainFindings, 'tfjs-node-gpu', { trains: true, gpu: true });
    expect(adviceFor(withGpu(findings))).toEqual([]);
  });
});

describe('copies of tfjs-core', () => {
  const copies = (...versions: string[]): Findings => {
    const { tfjs, ...rest } = withBackend(plainFindings, 'tfjs-node', { trains: true });
    const duplicates = versions.map((version, index) => ({
      name: '@tensorflow/tfjs-core',
      version,
      directory: `/app/${index}`,
      usedBy: ['@tensorflow/tfjs'],
    }));
    return { ...rest, tfjs: { ...tfjs, duplicates } };
  };

  it('are deduplicated if they have the same version, and listed otherwise', () => {
    expect(commands(copies('4.22.0', '4.22.0'))).toEqual(['npm dedupe']);
    expect(commands(copies('4.22.0', '3.9.0'))).toEqual(['npm ls @tensorflow/tfjs-core']);
  });
});

it('warns about an old Node, no usable backend and a full disk', () => {
  const { platform, disk } = plainFindings;
  const [first, second] = disk;
  const bad: Findings = {
    ...plainFindings,
    trains: false,
    platform: { ...platform, node: '18.0.0', nodeSupported: false },
    backends: plainFindings.backends.map((backend) => ({ ...backend, trains: false })),
    disk: [{ ...first, freeBytes: 2 ** 20 } as NonNullable<typeof first>, ...disk.slice(1)],
  };
  expect(second?.freeBytes).toBeGreaterThan(2 ** 30);
  expect(texts(bad)).toEqual([
    expect.stringContaining('Node 18.0.0 is too old'),
    expect.stringContaining('No backend trains'),
    expect.stringContaining('TensorFlow uses every core'),
    expect.stringContaining('/app, has 1 MiB left'),
  ]);
});
