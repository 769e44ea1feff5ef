import koffi from 'koffi';
import type { Library, Memory, Pointer } from './library';
import { memory } from './memory';

/** `TF_Buffer`: bytes with a length, usually a serialized proto. Source: TensorFlow's `tf_buffer.h`. */
export const declareBuffer = (library: Library) => ({
  TF_NewBuffer: library.declare<() => Pointer>('void *TF_NewBuffer()'),
  TF_NewBufferFromString: library.declare<(bytes: Memory, length: number) => Pointer>(
    'void *TF_NewBufferFromString(const void *, size_t)',
  ),
  TF_DeleteBuffer: library.declare<(buffer: Pointer) => void>('void TF_DeleteBuffer(void *)'),
});

/** Copies the bytes of a `TF_Buffer`, a structure that starts with their address and their count. */
export const bufferBytes = (buffer: Pointer): Uint8Array => {
  const data: Pointer | null = koffi.decode(buffer, 'void *');
  const bytes = new Uint8Array(Number(koffi.decode.uint64(buffer + 8n)));
  if (data !== null && bytes.length > 0) memory().copy(bytes, data, bytes.length);
  return bytes;
};
