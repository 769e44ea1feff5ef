import type { Summary_Value } from '@elistimator/protos';
import { describe, expect, it } from 'vitest';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { audioSummary } from './audio';

const clipsOf = ({ value }: Summary_Value) =>
  value.case === 'tensor' ? value.value.stringVal.filter((_, i) => i % 2 === 0) : [];
const samplesOf = (wav: Uint8Array | undefined) => {
  const view = Buffer.from(wav ?? []).subarray(44);
  return Array.from({ length: view.length / 2 }, (_, i) => view.readInt16LE(i * 2));
};
const options = { sampleRate: 8000 };

describe('audioSummary', () => {
  it('reads frames, frames with channels, and clips', () => {
    const data = [0, 0.5, -1, 2];
    const expected = [0, 16384, -32768, 32767];
    const one = clipsOf(audioSummary('tone', { data, shape: [4] }, options));
    expect(one.map(samplesOf)).toEqual([expected]);
    const stereo = clipsOf(audioSummary('tone', { data, shape: [2, 2] }, options));
    expect(stereo.map(samplesOf)).toEqual([expected]);
    expect(Buffer.from(stereo[0] ?? []).readUInt16LE(22)).toBe(2);
    const clips = clipsOf(audioSummary('tone', { data, shape: [4, 1, 1] }, options));
    expect(clips.map(samplesOf)).toEqual([[0], [16384], [-32768]]);
  });

  it('records integers unchanged, and clips without frames', () => {
    const data = Int16Array.of(-5, 7);
    expect(samplesOf(clipsOf(audioSummary('t', { data, shape: [2] }, options))[0])).toEqual([
      -5, 7,
    ]);
    expect(clipsOf(audioSummary('t', { data: [], shape: [0] }, options))[0]).toHaveLength(44);
  });

  it.each([[[]], [[1, 0]], [[1, 1, 1, 1]]])('names the tag if the shape is %j', (shape) => {
    const data = new Float32Array(shape.reduce((size, dimension) => size * dimension, 1));
    const record = () => audioSummary('tone', { data, shape }, options);
    expect(record).toThrow(SummaryValueError);
    expect(record).toThrow('"tone": expected shape [frames]');
  });

  it('rejects NaN, and invalid rates and counts', () => {
    const sound = { data: [Number.NaN], shape: [1] };
    expect(() => audioSummary('tone', sound, options)).toThrow('NaN at index 0');
    const silence = { data: [0], shape: [1] };
    expect(() => audioSummary('tone', silence, { sampleRate: 0.5 })).toThrow(SummaryOptionError);
    expect(() => audioSummary('tone', silence, { ...options, maxOutputs: -1 })).toThrow(
      'maxOutputs',
    );
  });
});
