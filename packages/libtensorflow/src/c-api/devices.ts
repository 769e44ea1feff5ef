import type { Library, Pointer } from './library';

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
  TF_DeviceListName: library.declare<(devices: Pointer, at: number, status: Pointer) => string>(
    'const char *TF_DeviceListName(void *, int, void *)',
  ),
  TF_DeviceListType: library.declare<(devices: Pointer, at: number, status: Pointer) => string>(
    'const char *TF_DeviceListType(void *, int, void *)',
  ),
  TF_DeviceListMemoryBytes: library.declare<
    (devices: Pointer, at: number, status: Pointer) => number | bigint
  >('int64_t TF_DeviceListMemoryBytes(void *, int, void *)'),
});
