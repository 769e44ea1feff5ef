const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const PCM = 1;

/**
 * Encodes a clip as a WAV file with 16-bit PCM samples, as TensorFlow's `encode_wav` does.
 * Source: the "Multimedia Programming Interface and Data Specifications 1.0" of IBM and Microsoft.
 *
 * @param samples frame by frame, one sample a channel; whole numbers in -32768..32767
 * @param sampleRate frames a second
 */
export const encodeWav = (
  samples: Int16Array,
  channels: number,
  sampleRate: number,
): Uint8Array => {
  const size = samples.length * SAMPLE_BYTES;
  const frameBytes = channels * SAMPLE_BYTES;
  const bytes = new Uint8Array(HEADER_BYTES + size);
  const view = new DataView(bytes.buffer);
  const text = (at: number, four: string) => bytes.set(new TextEncoder().encode(four), at);
  text(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + size, true);
  text(8, 'WAVE');
  text(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, SAMPLE_BYTES * 8, true);
  text(36, 'data');
  view.setUint32(40, size, true);
  samples.forEach((sample, i) => {
    view.setInt16(HEADER_BYTES + i * SAMPLE_BYTES, sample, true);
  });
  return bytes;
};
