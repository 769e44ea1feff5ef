import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ConfigProtoSchema, GPUOptionsSchema } from '@elistimator/protos';
import { ConfigError } from './errors';

/** What a session, or the eager context under tfjs, may take of the machine. */
export interface SessionConfig {
  readonly gpu?: {
    /** Part of each GPU's memory to take at once: over 0, at most 1. */
    readonly memoryFraction?: number;
    /** Take memory as it is needed instead of all at the start. */
    readonly allowGrowth?: boolean;
    /** Indices of the GPUs to use, from 0; none at all for an empty list. */
    readonly visibleDevices?: readonly number[];
  };
  /** Threads that one operation may use; 0, as when left out, lets TensorFlow choose. */
  readonly intraOpThreads?: number;
  /** Operations that may run at a time; 0, as when left out, lets TensorFlow choose. */
  readonly interOpThreads?: number;
  /** Put an operation on another device where the one asked for can't run it. */
  readonly allowSoftPlacement?: boolean;
  /** Any other field of TensorFlow's `ConfigProto`; the options above go before it. */
  readonly configProto?: MessageInitShape<typeof ConfigProtoSchema>;
}

const requireThat = (
  holds: boolean,
  option: string,
  expected: string,
  actual: unknown,
  fix: string,
): void => {
  if (holds) return;
  throw new ConfigError({
    subject: `session option ${option}`,
    expected,
    actual: JSON.stringify(actual) ?? String(actual),
    fix,
  });
};

const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

const check = ({ gpu = {}, intraOpThreads = 0, interOpThreads = 0 }: SessionConfig): void => {
  const { memoryFraction = 1, visibleDevices = [] } = gpu;
  requireThat(
    typeof memoryFraction === 'number' && memoryFraction > 0 && memoryFraction <= 1,
    'gpu.memoryFraction',
    'a number over 0 and at most 1',
    memoryFraction,
    'Give the part of the memory to take, such as 0.5.',
  );
  requireThat(
    Array.isArray(visibleDevices) && visibleDevices.every(isCount),
    'gpu.visibleDevices',
    'a list of integers from 0',
    visibleDevices,
    'Give the indices of the GPUs to use, such as [0].',
  );
  for (const [option, value] of Object.entries({ intraOpThreads, interOpThreads })) {
    requireThat(
      isCount(value) && value < 2 ** 31,
      option,
      'an integer from 0',
      value,
      'Give the number of threads, or leave it out.',
    );
  }
};

const gpuFields = ({ memoryFraction, allowGrowth, visibleDevices }: SessionConfig['gpu'] = {}) => ({
  ...(memoryFraction === undefined ? {} : { perProcessGpuMemoryFraction: memoryFraction }),
  ...(allowGrowth === undefined ? {} : { allowGrowth }),
  ...(visibleDevices === undefined ? {} : { visibleDeviceList: visibleDevices.join(',') }),
});

/**
 * The options as a serialised `tensorflow.ConfigProto`.
 *
 * @throws ConfigError for a value outside its range.
 */
export const encodeSessionConfig = (config: SessionConfig): Uint8Array => {
  check(config);
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
    // An empty list of devices would mean all of them.
    if (gpu.visibleDevices?.length === 0) message.deviceCount.GPU = 0;
  }
  return toBinary(ConfigProtoSchema, message);
};
