import { create, toBinary } from '@bufbuild/protobuf';
import {
  AudioPluginData_Encoding,
  AudioPluginDataSchema,
  DataType,
  type Summary_Value,
  Summary_ValueSchema,
} from '@elistimator/protos';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { type HostTensor, isFloatTensor, readTensor, type TensorLike } from '../tensor-like';
import { type SummaryOptions, summaryMetadata } from './metadata';
import { encodeWav } from './wav';

/** How sound is played, and how much of it is recorded. */
export interface AudioOptions extends SummaryOptions {
  /** Frames a second, a whole number. */
  readonly sampleRate: number;
  /** The first so many clips of a batch; 3 by default. */
  readonly maxOutputs?: number | undefined;
}

const DEFAULT_OUTPUTS = 3;
const MAX_CHANNELS = 0xffff;
const MAX_RATE = 0x7fffffff;

/** Any of the shapes as `[clips, frames, channels]`. */
const asClips = (tag: string, { shape }: HostTensor): readonly [number, number, number] => {
  const [first = 0, second = 1, third = 1] = shape;
  const isBatch = shape.length === 3;
  const channels = isBatch ? third : second;
  if (shape.length < 1 || shape.length > 3 || channels < 1 || channels > MAX_CHANNELS) {
    throw new SummaryValueError(
      tag,
      'shape [frames], [frames, channels] or [clips, frames, channels] with 1 channel or more',
      `shape [${shape}]`,
      'Reshape the tensor; channels come last.',
    );
  }
  return isBatch ? [first, second, third] : [1, first, second];
};

/** The first samples as 16-bit integers, rounded and clipped as TensorFlow does. */
const readSamples = (tag: string, tensor: HostTensor, count: number): Int16Array => {
  const scale = isFloatTensor(tensor) ? 32768 : 1;
  const samples = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    const scaled = Number(tensor.data[i]) * scale;
    if (Number.isNaN(scaled)) {
      const fix = 'Replace such samples by 0.';
      throw new SummaryValueError(tag, 'samples that are numbers', `NaN at index ${i}`, fix);
    }
    // Halves go away from zero, as C's roundf has it.
    const rounded = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    samples[i] = Math.min(32767, Math.max(-32768, rounded));
  }
  return samples;
};

const isCount = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most;

const checkOptions = (sampleRate: number, maxOutputs: number): void => {
  if (!isCount(sampleRate, 1, MAX_RATE)) {
    const fix = 'Pass the frames a second at which the sound was taken, such as 44100.';
    throw new SummaryOptionError('sampleRate', 'a whole number, 1 or more', sampleRate, fix);
  }
  if (!isCount(maxOutputs, 0, Infinity)) {
    const fix = `Leave it out for ${DEFAULT_OUTPUTS}.`;
    throw new SummaryOptionError('maxOutputs', 'a whole number, 0 or more', maxOutputs, fix);
  }
};

const content = toBinary(
  AudioPluginDataSchema,
  create(AudioPluginDataSchema, { encoding: AudioPluginData_Encoding.WAV }),
);

/**
 * Sound, for the audio tab, as WAV with 16-bit samples.
 *
 * @param sound `[frames]`, `[frames, channels]` or `[clips, frames, channels]`: floats in -1..1 or
 *   integers in -32768..32767, clipped to that
 * @throws SummaryValueError when the shape is another one, or a sample is NaN; SummaryOptionError
 */
export const audioSummary = (
  tag: string,
  sound: TensorLike,
  options: AudioOptions,
): Summary_Value => {
  const { sampleRate, maxOutputs = DEFAULT_OUTPUTS } = options;
  checkOptions(sampleRate, maxOutputs);
  const tensor = readTensor(tag, sound);
  const [clips, frames, channels] = asClips(tag, tensor);
  const outputs = Math.min(clips, maxOutputs);
  const size = frames * channels;
  const samples = readSamples(tag, tensor, outputs * size);
  // Each clip is followed by a label, which TensorBoard's readers drop and older ones expect.
  const stringVal = Array.from({ length: outputs }, (_, clip) => [
    encodeWav(samples.subarray(clip * size, (clip + 1) * size), channels, sampleRate),
    new Uint8Array(),
  ]).flat();
  return create(Summary_ValueSchema, {
    tag,
    metadata: summaryMetadata('audio', options, { content }),
    value: {
      case: 'tensor',
      value: {
        dtype: DataType.DT_STRING,
        tensorShape: { dim: [{ size: BigInt(outputs) }, { size: 2n }] },
        stringVal,
      },
    },
  });
};
