import type { Pointer } from '../c-api';
import { takeDevices } from '../devices';
import { TensorflowError } from '../errors';
import type { Runtime } from '../runtime';
import { encodeSessionConfig, type SessionConfig } from '../session-config';

/** `TFE_DEVICE_PLACEMENT_SILENT`: inputs are copied to where an operation needs them. */
const placementSilent = 2;

/** An eager context, and the device that tensors go to. */
export interface EagerContext {
  readonly pointer: Pointer;
  readonly device: string;
  readonly isGpu: boolean;
}

const chooseDevice = (runtime: Runtime, context: Pointer): Omit<EagerContext, 'pointer'> => {
  const { c, status } = runtime;
  const list = c.TFE_ContextListDevices(context, status.pointer);
  status.check('Eager devices');
  const devices = takeDevices(runtime, list);
  const of = (type: string) => devices.find((device) => device.type === type)?.name;
  const gpu = of('GPU');
  return { device: gpu ?? of('CPU') ?? '', isGpu: gpu !== undefined };
};

/**
 * Starts TensorFlow for operations one by one; on the first GPU, if there is one.
 *
 * @throws ConfigError for an option outside its range.
 * @throws TensorflowError when TensorFlow can't start with these options.
 */
export const newEagerContext = (runtime: Runtime, config: SessionConfig): EagerContext => {
  const { c, status } = runtime;
  const bytes = encodeSessionConfig(config);
  const options = c.TFE_NewContextOptions();
  try {
    c.TFE_ContextOptionsSetConfig(options, bytes, bytes.length, status.pointer);
    status.check('Eager options');
    c.TFE_ContextOptionsSetDevicePlacementPolicy(options, placementSilent);
    const pointer = c.TFE_NewContext(options, status.pointer);
    status.check('Eager context');
    if (pointer === null) throw new TensorflowError('Eager context', 2, 'It gave none.');
    return { pointer, ...chooseDevice(runtime, pointer) };
  } finally {
    c.TFE_DeleteContextOptions(options);
  }
};
