import koffi, { type KoffiFunc } from 'koffi';

/** `RTLD_NOW | RTLD_NODELETE`. */
const keepForever: Partial<Record<NodeJS.Platform, number>> = {
  linux: 0x1002,
  darwin: 0x82,
};

/** `GET_MODULE_HANDLE_EX_FLAG_PIN`. */
const pinModule = 1;

/**
 * Keeps an opened library in this process until it ends. koffi closes its libraries when Node ends,
 * while TensorFlow's threads and exit handlers are still there: that stops the process with a
 * segmentation fault.
 */
export const pin = (path: string): void => {
  if (process.platform === 'win32') {
    const getModule = koffi
      .load('kernel32.dll')
      .func('int __stdcall GetModuleHandleExW(uint32_t, const char16_t *, void *)') as KoffiFunc<
      (flags: number, path: string, module: BigUint64Array) => number
    >;
    getModule(pinModule, path, new BigUint64Array(1));
    return;
  }
  const flags = keepForever[process.platform];
  if (flags === undefined) return;
  const open = koffi.load(null).func('void *dlopen(const char *, int)') as KoffiFunc<
    (path: string, flags: number) => bigint | null
  >;
  open(path, flags);
};
