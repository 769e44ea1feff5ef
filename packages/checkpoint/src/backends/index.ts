export { assertBlobName, isBlobName } from './blob-name';
export type { BlobData, ByteRange, CheckpointBackend, WriteLock } from './checkpoint-backend';
export { fileSystemBackend } from './file-system';
export type { FileSystemOperations } from './file-system-operations';
export { memoryBackend } from './memory';
