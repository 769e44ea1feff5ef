import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { assertKnownKeys, kinds, options } from '@elistimator/internal';
import { ConfigProtoSchema, GPUOptionsSchema } from '@elistimator/protos';
import { ConfigError } from '../errors';

/** Limits on the resources of a session, or of the eager context behind a tfjs binding. */
export interface SessionConfig {
  readonly gpu?: {
    /** The fraction of each GPU's memory to allocate at the start: above 0, at most 1. */
    readonly memoryFraction?: number;
    /** Allocates memory as needed instead of all of it at the start. */
    readonly allowGrowth?: boolean;
    /** Indices of the GPUs to use, from 0. An empty list disables GPUs. By default, all are used. */
    readonly visibleDevices?: readonly number[];
  };
  /** The number of threads that one operation may use. TensorFlow chooses if it is 0, the default. */
  readonly intraOpThreads?: number;
  /** The number of operations that may run at a time. TensorFlow chooses if it is 0, the default. */
  readonly interOpThreads?: number;
  /** Moves an operation to another device if the requested one can't run it. */
  readonly allowSoftPlacement?: boolean;
  /** Other fields of TensorFlow's `ConfigProto`. The options above take precedence. */
  readonly configProto?: MessageInitShape<typeof ConfigProtoSchema>;
}

/** The options of a session, and the kinds of their values; `encodeSessionConfig()` checks their ranges. */
export const sessionKeys = {
  gpu: kinds.object,
  intraOpThreads: true,
  interOpThreads: true,
  allowSoftPlacement: kinds.boolean,
  configProto: kinds.object,
} as const;

export const sessionOptions = options<SessionConfig>(sessionKeys);

const assertOption = (
  isValid: boolean,
  option: string,
  expected: string,
  actual: unknown,
  fix: string,
): void => {
  if (isValid) return;
  throw new ConfigError({
    subject: `session option "${option}"`,
    expected,
    actual: JSON.stringify(actual) ?? String(actual),
    fix,
  });
};

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

const assertConfig = ({
  gpu = {},
  intraOpThreads = 0,
  interOpThreads = 0,
}: SessionConfig): void => {
  assertKnownKeys(
    'session option "gpu"',
    gpu,
    { memoryFraction: true, allowGrowth: true, visibleDevices: true },
    (explanation) => new ConfigError(explanation),
  );
  const { memoryFraction = 1, visibleDevices = [] } = gpu;
  assertOption(
    typeof memoryFraction === 'number' && memoryFraction > 0 && memoryFraction <= 1,
    'gpu.memoryFraction',
    'a number above 0 and at most 1',
    memoryFraction,
    'Pass the fraction of memory to allocate, such as 0.5.',
  );
  assertOption(
    Array.isArray(visibleDevices) && visibleDevices.every(isCount),
    'gpu.visibleDevices',
    'a list of non-negative integers',
    visibleDevices,
    'Pass the indices of the GPUs to use, such as [0].',
  );
  for (const [option, value] of Object.entries({ intraOpThreads, interOpThreads })) {
    assertOption(
      isCount(value) && value < 2 ** 31,
      option,
      'a non-negative integer',
      value,
      'Pass the number of threads, or omit the option.',
    );
  }
};

const gpuFields = ({ memoryFraction, allowGrowth, visibleDevices }: SessionConfig['gpu'] = {}) => ({
  ...(memoryFraction === undefined ? {} : { perProcessGpuMemoryFraction: memoryFraction }),
  ...(allowGrowth === undefined ? {} : { allowGrowth }),
  ...(visibleDevices === undefined ? {} : { visibleDeviceList: visibleDevices.join(',') }),
});

/**
 * Serializes the options as a `tensorflow.ConfigProto`.
 *
 * @throws ConfigError for an option that is out of range
 */
export const encodeSessionConfig = (config: SessionConfig): Uint8Array => {
  assertConfig(config);
  const { gpu, intraOpThreads, interOpThreads, allowSoftPlacement, configProto = {} } = config;
  const message = create(ConfigProtoSchema, configProto);
  if (intraOpThreads !== undefined) message.intraOpParallelismThreads = intraOpThreads;
  if (interOpThreads !== undefined) message.interOpParallelismThreads = interOpThreads;
  if (allowSoftPlacement !== undefined) message.allowSoftPlacement = allowSoftPlacement;
  if (gpu !== undefined) {
    message.gpuOptions = Object.assign(
      message.gpuOptions ?? create(GPUOptionsSchema),
      gpuFields(gpu),
    );
    // To TensorFlow, an empty list of devices means all of them.
    if (gpu.visibleDevices?.length === 0) message.deviceCount.GPU = 0;
  }
  return toBinary(ConfigProtoSchema, message);
};
