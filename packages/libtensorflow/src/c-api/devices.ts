import type { Library, Pointer } from './library';
import type { Status } from './status';

/** A device on which TensorFlow can run operations. */
export interface Device {
  /** The full name, such as `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** `CPU`, `GPU` and so on. */
  readonly type: string;
  /** Bytes of memory that TensorFlow may use on the device. */
  readonly memoryBytes: number;
}

/** `TF_DeviceList`. Source: TensorFlow's `c_api.h`. */
export const declareDevices = (library: Library) => ({
  TF_SessionListDevices: library.declare<(session: Pointer, status: Pointer) => Pointer>(
    'void *TF_SessionListDevices(void *, void *)',
  ),
  TF_DeleteDeviceList: library.declare<(devices: Pointer) => void>(
    'void TF_DeleteDeviceList(void *)',
  ),
  TF_DeviceListCount: library.declare<(devices: Pointer) => number>(
    'int TF_DeviceListCount(void *)',
  ),
  TF_DeviceListName: library.declare<(devices: Pointer, index: number, status: Pointer) => string>(
    'const char *TF_DeviceListName(void *, int, void *)',
  ),
  TF_DeviceListType: library.declare<(devices: Pointer, index: number, status: Pointer) => string>(
    'const char *TF_DeviceListType(void *, int, void *)',
  ),
  TF_DeviceListMemoryBytes: library.declare<
    (devices: Pointer, index: number, status: Pointer) => number | bigint
  >('int64_t TF_DeviceListMemoryBytes(void *, int, void *)'),
});

interface DeviceCalls {
  readonly c: ReturnType<typeof declareDevices>;
  readonly status: Status;
}

/** Reads a `TF_DeviceList`, then deletes it. */
export const consumeDeviceList = ({ c, status }: DeviceCalls, list: Pointer): Device[] => {
  try {
    return Array.from({ length: c.TF_DeviceListCount(list) }, (_, index) => {
      const device = {
        name: c.TF_DeviceListName(list, index, status.pointer),
        type: c.TF_DeviceListType(list, index, status.pointer),
        memoryBytes: Number(c.TF_DeviceListMemoryBytes(list, index, status.pointer)),
      };
      status.check('Listing devices');
      return device;
    });
  } finally {
    c.TF_DeleteDeviceList(list);
  }
};
