import { assertReturned, consumeDeviceList, type Pointer, type Runtime } from '../c-api';
import { encodeSessionConfig, type SessionConfig } from '../session/session-config';

/** `TFE_DEVICE_PLACEMENT_SILENT`: inputs are copied to the device of the operation. */
const placementSilent = 2;

/** An eager context, and the device that holds its tensors. */
export interface EagerContext {
  readonly pointer: Pointer;
  readonly device: string;
  readonly isGpu: boolean;
}

const chooseDevice = (runtime: Runtime, context: Pointer): Omit<EagerContext, 'pointer'> => {
  const { c, status } = runtime;
  const list = c.TFE_ContextListDevices(context, status.pointer);
  status.check('Listing devices');
  const devices = consumeDeviceList(runtime, list);
  const firstOf = (type: string) => devices.find((device) => device.type === type)?.name;
  const gpu = firstOf('GPU');
  return { device: gpu ?? firstOf('CPU') ?? '', isGpu: gpu !== undefined };
};

/**
 * Starts an eager context, on the first GPU if there is one.
 *
 * @throws ConfigError for an option that is out of range
 * @throws TensorflowError if TensorFlow can't start with these options
 */
export const createEagerContext = (runtime: Runtime, config: SessionConfig): EagerContext => {
  const { c, status } = runtime;
  const bytes = encodeSessionConfig(config);
  const options = c.TFE_NewContextOptions();
  try {
    c.TFE_ContextOptionsSetConfig(options, bytes, bytes.length, status.pointer);
    status.check('Eager context options');
    c.TFE_ContextOptionsSetDevicePlacementPolicy(options, placementSilent);
    const context = c.TFE_NewContext(options, status.pointer);
    status.check('New eager context');
    const pointer = assertReturned(context, 'New eager context', 'context');
    return { pointer, ...chooseDevice(runtime, pointer) };
  } finally {
    c.TFE_DeleteContextOptions(options);
  }
};
