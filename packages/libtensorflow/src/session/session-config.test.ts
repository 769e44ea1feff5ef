import { fromBinary } from '@bufbuild/protobuf';
import { ConfigProtoSchema } from '@elistimator/protos';
import { expect, test } from 'vitest';
import { ConfigError } from '../errors';
import { encodeSessionConfig, type SessionConfig } from './session-config';

const roundTrip = (config: SessionConfig) =>
  fromBinary(ConfigProtoSchema, encodeSessionConfig(config));

test('no options give an empty message, so TensorFlow chooses', () => {
  expect(encodeSessionConfig({})).toHaveLength(0);
});

test('an empty list of GPUs disables GPUs, although an empty text would mean all of them', () => {
  expect(roundTrip({ gpu: { visibleDevices: [] } }).deviceCount).toEqual({ GPU: 0 });
});

test('options take precedence over configProto and leave its other fields unchanged', () => {
  const configProto = {
    logDevicePlacement: true,
    intraOpParallelismThreads: 9,
    gpuOptions: { allowGrowth: true, allocatorType: 'BFC' },
  };
  const message = roundTrip({ configProto, intraOpThreads: 2, gpu: { memoryFraction: 0.5 } });
  expect(message).toMatchObject({
    logDevicePlacement: true,
    intraOpParallelismThreads: 2,
    gpuOptions: { allowGrowth: true, allocatorType: 'BFC', perProcessGpuMemoryFraction: 0.5 },
  });
});

test.each<[string, SessionConfig]>([
  ['gpu.memoryFraction', { gpu: { memoryFraction: 0 } }],
  ['gpu.memoryFraction', { gpu: { memoryFraction: 1.1 } }],
  ['gpu.visibleDevices', { gpu: { visibleDevices: [-1] } }],
  ['intraOpThreads', { intraOpThreads: -1 }],
  ['interOpThreads', { interOpThreads: 1.5 }],
])('%s out of range throws a named error', (option, config) => {
  const encode = () => encodeSessionConfig(config);
  expect(encode).toThrow(ConfigError);
  expect(encode).toThrow(option);
});
