import { create, toBinary } from '@bufbuild/protobuf';
import {
  AudioPluginData_Encoding,
  AudioPluginDataSchema,
  DataType,
  type Summary_Value,
} from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { type HostTensor, isFloatTensor, readTensor, type TensorLike } from '../tensor-like';
import { type SummaryOptions, summaryMetadata, tensorShape, tensorSummary } from './summary-value';

/** Options of an audio summary. */
export interface AudioOptions extends SummaryOptions {
  /** Frames per second, an integer. */
  readonly sampleRate: number;
  /** Maximum number of clips that are recorded of a batch. Default: 3. */
  readonly maxOutputs?: number | undefined;
}

const DEFAULT_OUTPUTS = 3;
const MAX_CHANNELS = 0xffff;
const MAX_RATE = 0x7fffffff;

/** Converts each supported shape to `[clips, frames, channels]`. */
const toClips = (tag: string, { shape }: HostTensor): readonly [number, number, number] => {
  const [first = 0, second = 1, third = 1] = shape;
  const isBatch = shape.length === 3;
  const channels = isBatch ? third : second;
  if (shape.length < 1 || shape.length > 3 || channels < 1 || channels > MAX_CHANNELS) {
    throw new SummaryValueError(
      tag,
      'shape [frames], [frames, channels] or [clips, frames, channels] with at least 1 channel',
      `shape [${shape}]`,
      'Reshape the tensor; channels come last.',
    );
  }
  return isBatch ? [first, second, third] : [1, first, second];
};

/** Converts the first samples to 16-bit integers, rounded and clipped as in TensorFlow. */
const readSamples = (tag: string, tensor: HostTensor, count: number): Int16Array => {
  const scale = isFloatTensor(tensor) ? 32768 : 1;
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    const scaled = Number(tensor.data[i]) * scale;
    if (Number.isNaN(scaled)) {
      const fix = 'Replace such samples with 0.';
      throw new SummaryValueError(tag, 'samples that are not NaN', `NaN at index ${i}`, fix);
    }
    // Ties round away from zero, as in C's roundf.
    const rounded = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    samples[i] = Math.min(32767, Math.max(-32768, rounded));
  }
  return samples;
};

const isIntegerIn = (value: number, min: number, max: number) =>
  Number.isInteger(value) && value >= min && value <= max;

const assertOptions = (sampleRate: number, maxOutputs: number): void => {
  if (!isIntegerIn(sampleRate, 1, MAX_RATE)) {
    const fix = 'Pass the number of frames per second, such as 44100.';
    throw new SummaryOptionError('sampleRate', 'a positive integer', sampleRate, fix);
  }
  if (!isIntegerIn(maxOutputs, 0, Infinity)) {
    const fix = `Omit it to use ${DEFAULT_OUTPUTS}.`;
    throw new SummaryOptionError('maxOutputs', 'a non-negative integer', maxOutputs, fix);
  }
};

const content = toBinary(
  AudioPluginDataSchema,
  create(AudioPluginDataSchema, { encoding: AudioPluginData_Encoding.WAV }),
);

/**
 * Sound for the audio tab, as WAV with 16-bit samples.
 *
 * @param sound `[frames]`, `[frames, channels]` or `[clips, frames, channels]`: floats in -1..1 or
 *   integers in -32768..32767; other values are clipped
 * @throws SummaryValueError if the shape is another one, or a sample is NaN; SummaryOptionError
 */
export const audioSummary = (
  tag: string,
  sound: TensorLike,
  options: AudioOptions,
): Summary_Value => {
  const { sampleRate, maxOutputs = DEFAULT_OUTPUTS } = options;
  assertOptions(sampleRate, maxOutputs);
  const tensor = readTensor(tag, sound);
  const [clips, frames, channels] = toClips(tag, tensor);
  const outputs = Math.min(clips, maxOutputs);
  const size = frames * channels;
  const samples = readSamples(tag, tensor, outputs * size);
  // Each clip is followed by a label, which current readers ignore and older ones expect.
  const stringVal = Array.from({ length: outputs }, (_, clip) => [
    encodeWav(samples.subarray(clip * size, (clip + 1) * size), channels, sampleRate),
    new Uint8Array(),
  ]).flat();
  return tensorSummary(tag, summaryMetadata('audio', options, { content }), {
    dtype: DataType.DT_STRING,
    tensorShape: tensorShape([outputs, 2]),
    stringVal,
  });
};

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
const PCM = 1;

/**
 * Encodes a clip as a WAV file with 16-bit PCM samples, as TensorFlow's `encode_wav` does.
 * Source: "Multimedia Programming Interface and Data Specifications 1.0" by IBM and Microsoft.
 *
 * @param samples frame by frame, one sample per channel
 * @param sampleRate frames per second
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
