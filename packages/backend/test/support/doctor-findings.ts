import type { BackendDiagnosis, DoctorReport } from '../../src/doctor/report';

type Findings = Omit<DoctorReport, 'advice'>;

const diagnosis = (
  name: BackendDiagnosis['name'],
  tfBackend: BackendDiagnosis['tfBackend'],
  problem?: string,
): BackendDiagnosis => ({
  name,
  tfBackend,
  starts: problem === undefined,
  trains: problem === undefined,
  ...(problem === undefined ? { version: '4.22.0' } : { problem }),
  gpu: false,
  missingKernels: [],
  probes:
    problem === undefined
      ? [
          { model: 'mlp', stepsPerSecond: 123.456, losses: [2.3, 2.1] },
          { model: 'cnn', stepsPerSecond: 7.891, losses: [2.3, 2.2] },
        ]
      : [],
});

/** A Linux machine without TensorFlow, on which wasm and cpu train. */
export const plainFindings: Findings = {
  schema: 1,
  trains: true,
  platform: {
    node: '22.12.0',
    nodeSupported: true,
    platform: 'linux',
    arch: 'x64',
    libc: 'glibc 2.36',
    cpus: 8,
    memoryBytes: 16 * 2 ** 30,
  },
  tfjs: {
    packages: [
      { name: '@tensorflow/tfjs', version: '4.22.0', directory: '/app/node_modules/tfjs' },
      { name: '@tensorflow/tfjs-core', version: '4.22.0', directory: '/app/node_modules/core' },
    ],
    duplicates: [],
  },
  backends: [
    diagnosis('tfjs-node-gpu', 'tensorflow', 'not installed'),
    diagnosis('tfjs-node', 'tensorflow', 'not installed'),
    diagnosis('libtensorflow', 'tensorflow', 'tfjs-node is not installed'),
    diagnosis('wasm', 'wasm'),
    diagnosis('cpu', 'cpu'),
  ],
  libtensorflow: {
    alternatives: [],
    looked: [{ place: '/usr/bin/python3', outcome: 'no TensorFlow in it' }],
    devices: [],
  },
  cuda: {
    libraries: [
      { name: 'libcudart', files: ['/usr/local/cuda/lib64/libcudart.so.12'] },
      { name: 'libcudnn', files: [] },
    ],
  },
  disk: [
    { use: 'working directory', directory: '/app', freeBytes: 20 * 2 ** 30 },
    { use: 'temporary files', directory: '/tmp', freeBytes: 5 * 2 ** 30 },
  ],
};

/** Returns findings with one backend changed. */
export const withBackend = (
  findings: Findings,
  name: BackendDiagnosis['name'],
  changes: Partial<BackendDiagnosis>,
): Findings => ({
  ...findings,
  backends: findings.backends.map((backend) =>
    backend.name === name ? { ...backend, ...changes } : backend,
  ),
});
