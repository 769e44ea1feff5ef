import { describe, expect, it } from 'vitest';
import { diagnose, libraryFacts, libtensorflowFacts } from './doctor';
import type { ProbeMessage } from './probe/run-probe';

const tfjsNode = { name: 'tfjs-node', tfBackend: 'tensorflow' } as const;
const mlp = { model: 'mlp', stepsPerSecond: 100, losses: [2, 1] } as const;
const cnn = { model: 'cnn', stepsPerSecond: 50, losses: [2, 1] } as const;

const started: ProbeMessage = { kind: 'started', version: '2.21.0', gpu: true };
const trained: readonly ProbeMessage[] = [
  started,
  { kind: 'kernels', missing: ['DenseBincount'] },
  { kind: 'training', model: 'mlp' },
  { kind: 'trained', probe: mlp },
  { kind: 'training', model: 'cnn' },
  { kind: 'trained', probe: cnn },
];

describe('diagnose', () => {
  it('reports that a backend trains if both models did, even if kernels are missing', () => {
    expect(diagnose(tfjsNode, { messages: trained })).toEqual({
      ...tfjsNode,
      starts: true,
      trains: true,
      version: '2.21.0',
      gpu: true,
      missingKernels: ['DenseBincount'],
      probes: [mlp, cnn],
    });
  });

  it('reports why a backend refuses to start', () => {
    const messages = [{ kind: 'refused', reason: 'not installed' }] as const;
    expect(diagnose(tfjsNode, { messages })).toEqual({
      ...tfjsNode,
      starts: false,
      trains: false,
      problem: 'not installed',
      gpu: false,
      missingKernels: [],
      probes: [],
    });
  });

  it('reports that a backend does not train if a model failed', () => {
    const messages: readonly ProbeMessage[] = [
      ...trained.slice(0, 5),
      { kind: 'failed', model: 'cnn', reason: 'no kernel' },
    ];
    expect(diagnose(tfjsNode, { messages })).toMatchObject({
      starts: true,
      trains: false,
      problem: "it can't train the cnn: no kernel",
      probes: [mlp],
    });
  });

  it.each([
    [0, 'while it started'],
    [1, 'after it started'],
    [5, 'while it trained the cnn'],
  ])('reports the stage of a crash after %i messages', (count, stage) => {
    const result = {
      messages: trained.slice(0, count),
      problem: 'its process was killed by SIGSEGV',
    };
    expect(diagnose(tfjsNode, result)).toMatchObject({
      starts: count > 0,
      trains: false,
      problem: `its process was killed by SIGSEGV (${stage})`,
    });
  });
});

it('libraryFacts contains the version and devices of a library that opened, or its problem', () => {
  const devices = [{ name: '/device:CPU:0', type: 'CPU', memoryBytes: 1 }];
  const messages = [{ kind: 'library', version: '2.21.0', devices }] as const;
  expect(libraryFacts({ messages })).toEqual({ version: '2.21.0', devices });
  expect(libraryFacts({ messages: [], problem: 'bad' })).toEqual({ devices: [], problem: 'bad' });
  const refused = [{ kind: 'refused', reason: 'no TF_Version' }] as const;
  expect(libraryFacts({ messages: refused })).toEqual({ devices: [], problem: 'no TF_Version' });
});

it('libtensorflowFacts reports a wrong path in the environment as a problem', async () => {
  const env = { ELISTIMATOR_LIBTENSORFLOW: '/none' };
  expect(await libtensorflowFacts({ cwd: '/', env, timeLimitMs: 60_000 })).toEqual({
    alternatives: [],
    looked: [{ place: '/none', outcome: '/none does not exist' }],
    devices: [],
    problem: expect.stringContaining('ELISTIMATOR_LIBTENSORFLOW: expected a libtensorflow'),
  });
});
