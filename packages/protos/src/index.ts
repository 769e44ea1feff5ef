export * from './gen/tensorflow/event_pb';
export * from './gen/tensorflow/summary_pb';
export * from './gen/tensorflow/tensor_bundle_pb';
export * from './gen/tensorflow/tensor_pb';
export { crc32c, maskCrc32c, maskedCrc32c } from './masked-crc32c';
