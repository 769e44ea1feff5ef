import { expect, it } from 'vitest';
import { plainFindings, withBackend } from '../../test/support/doctor-findings';
import { formatDoctorReport } from './report';

it('formats a machine without TensorFlow', () => {
  const advice = [{ text: 'TensorFlow is faster:', command: 'npm install it' }];
  expect(formatDoctorReport({ ...plainFindings, advice })).toBe(`\
Platform
  Node 22.12.0 on linux x64 glibc 2.36
  8 CPUs, 16.0 GiB of memory

TensorFlow.js
  @tensorflow/tfjs       4.22.0
  @tensorflow/tfjs-core  4.22.0

Backends, in the order in which auto tries them
  tfjs-node-gpu  not usable: not installed
  tfjs-node      not usable: not installed
  libtensorflow  not usable: tfjs-node is not installed
  wasm           trains (4.22.0, on the CPU): mlp 123 steps/s, cnn 7.89 steps/s
  cpu            trains (4.22.0, on the CPU): mlp 123 steps/s, cnn 7.89 steps/s

libtensorflow
  not found
  searched:
    /usr/bin/python3  no TensorFlow in it

CUDA
  no NVIDIA driver: nvidia-smi does not run
  libcudart  /usr/local/cuda/lib64/libcudart.so.12
  libcudnn   not found

Free disk space
  20.0 GiB for the working directory, /app
  5.0 GiB for the temporary files, /tmp

Advice
  TensorFlow is faster:
    npm install it`);
});

it('formats a GPU, problems, missing kernels and duplicates', () => {
  const gpu = {
    starts: true,
    trains: true,
    problem: undefined,
    gpu: true,
    version: '2.21.0',
    missingKernels: ['DenseBincount'],
    probes: [{ model: 'mlp', stepsPerSecond: 1234.5, losses: [2, 1] }],
  } as const;
  const crashed = { starts: true, version: '2.9.1', problem: 'its process was killed by SIGSEGV' };
  const core = '@tensorflow/tfjs-core';
  const path = '/app/.venv/libtensorflow_cc.so.2';
  const text = formatDoctorReport({
    ...withBackend(withBackend(plainFindings, 'libtensorflow', gpu), 'tfjs-node', crashed),
    tfjs: {
      packages: [],
      duplicates: ['one', 'two'].map((name) => ({
        name: core,
        version: '4.22.0',
        directory: `/app/${name}`,
        usedBy: [name],
      })),
    },
    libtensorflow: {
      found: { path, source: 'python', version: '2.21' },
      alternatives: [{ path: '/usr/lib/libtensorflow.so.2', source: 'system' }],
      looked: [],
      problem: 'it warns',
      version: '2.21.0',
      devices: [
        { name: '/device:CPU:0', type: 'CPU', memoryBytes: 2 ** 28 },
        { name: '/device:GPU:0', type: 'GPU', memoryBytes: 70 * 2 ** 30 },
      ],
    },
    cuda: { driver: { version: '550.54', gpus: ['A', 'B'] }, libraries: [] },
    advice: [],
  });
  for (const line of [
    'libtensorflow  trains (2.21.0, on the GPU): mlp 1235 steps/s; missing kernels: DenseBincount',
    'tfjs-node      does not train (2.9.1, on the CPU): its process was killed by SIGSEGV',
    'WARNING: one of several copies of tfjs-core: 4.22.0 in /app/one, used by one',
    'WARNING: one of several copies of tfjs-core: 4.22.0 in /app/two, used by two',
    `2.21.0: ${path}`,
    'PROBLEM: it warns',
    '/device:CPU:0',
    '/device:GPU:0, 70.0 GiB',
    'also /usr/lib/libtensorflow.so.2',
    'driver 550.54: A, B',
    'Nothing to do.',
  ]) {
    expect(text.split('\n')).toContain(`  ${line}`);
  }
});
