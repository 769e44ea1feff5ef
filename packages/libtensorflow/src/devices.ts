import type { Pointer } from './c-api';
import type { Runtime } from './runtime';

/** A device that TensorFlow can compute on. */
export interface Device {
  /** The full name, such as `/job:localhost/replica:0/task:0/device:GPU:0`. */
  readonly name: string;
  /** `CPU`, `GPU` … */
  readonly type: string;
  /** Bytes of memory that TensorFlow may use there. */
  readonly memoryBytes: number;
}

/** Reads a `TF_DeviceList`, and deletes it. */
export const takeDevices = ({ c, status }: Runtime, list: Pointer): Device[] => {
  try {
    return Array.from({ length: c.TF_DeviceListCount(list) }, (_, at) => {
      const device = {
        name: c.TF_DeviceListName(list, at, status.pointer),
        type: c.TF_DeviceListType(list, at, status.pointer),
        memoryBytes: Number(c.TF_DeviceListMemoryBytes(list, at, status.pointer)),
      };
      status.check('Device list');
      return device;
    });
  } finally {
    c.TF_DeleteDeviceList(list);
  }
};
