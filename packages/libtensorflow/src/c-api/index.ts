export { bufferBytes } from './buffer';
export { consumeDeviceList, type Device } from './devices';
export type { Handle, HandleKind, LiveHandles } from './handles';
export { Library, type Pointer } from './library';
export { int64s, memory } from './memory';
export { openRuntime, type Runtime } from './runtime';
export { assertReturned } from './status';
