import { describe, expect, it } from 'vitest';
import { diagnose, libraryFacts } from './diagnose';
import type { ProbeMessage } from './probe/probe-message';

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

describe('a backend', () => {
  it('trains when both nets did, even without some kernel', () => {
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

  it('that refuses to start gives its own reason', () => {
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

  it('that fails in a net does not train', () => {
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
  ])('that crashes after %i messages says when', (count, stage) => {
    const result = { messages: trained.slice(0, count), problem: 'its process died of SIGSEGV' };
    expect(diagnose(tfjsNode, result)).toMatchObject({
      starts: count > 0,
      trains: false,
      problem: `its process died of SIGSEGV (${stage})`,
    });
  });
});

it('a library that opened tells its version and devices, another its problem', () => {
  const devices = [{ name: '/device:CPU:0', type: 'CPU', memoryBytes: 1 }];
  const messages = [{ kind: 'library', version: '2.21.0', devices }] as const;
  expect(libraryFacts({ messages })).toEqual({ version: '2.21.0', devices });
  expect(libraryFacts({ messages: [], problem: 'bad' })).toEqual({ devices: [], problem: 'bad' });
  const refused = [{ kind: 'refused', reason: 'no TF_Version' }] as const;
  expect(libraryFacts({ messages: refused })).toEqual({ devices: [], problem: 'no TF_Version' });
});
