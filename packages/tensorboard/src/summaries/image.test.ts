import type { Summary_Value } from '@elistimator/protos';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { imageSummary, imagesSummary } from './image';

const stringsOf = ({ value }: Summary_Value) =>
  value.case === 'tensor' ? value.value.stringVal : [];
const decode = (bytes: Uint8Array | undefined) => PNG.sync.read(Buffer.from(bytes ?? []));

describe('imagesSummary', () => {
  it('records width, height and the first images as PNG', () => {
    const data = Uint8Array.from({ length: 5 * 2 * 3 * 3 }, (_, i) => i * 2);
    const strings = stringsOf(imagesSummary('in', { data, shape: [5, 2, 3, 3] }, {}));
    expect(strings.slice(0, 2).map((bytes) => Buffer.from(bytes).toString())).toEqual(['3', '2']);
    expect(strings).toHaveLength(2 + 3);
    const second = decode(strings[3]);
    expect([second.width, second.height]).toEqual([3, 2]);
    expect([...second.data.subarray(0, 8)]).toEqual([36, 38, 40, 255, 42, 44, 46, 255]);
  });

  it.each([
    [1, [9, 9, 9, 255]],
    [3, [9, 9, 9, 255]],
    [4, [9, 9, 9, 9]],
  ])('supports %d channels', (channels, pixel) => {
    const data = new Int32Array(4 * channels).fill(9);
    const [, , image] = stringsOf(imagesSummary('in', { data, shape: [1, 2, 2, channels] }, {}));
    expect([...decode(image).data.subarray(0, 4)]).toEqual(pixel);
  });

  it('records up to maxOutputs images, and none of an empty batch', () => {
    const images = { data: new Uint8Array(4), shape: [4, 1, 1, 1] };
    expect(stringsOf(imagesSummary('in', images, { maxOutputs: 4 }))).toHaveLength(6);
    const none = { data: new Uint8Array(), shape: [0, 1, 1, 1] };
    expect(stringsOf(imagesSummary('in', none, {}))).toHaveLength(2);
    expect(() => imagesSummary('in', images, { maxOutputs: -1 })).toThrow(SummaryOptionError);
  });

  it.each([[[4, 1, 1]], [[2, 1, 1, 2]], [[4, 0, 1, 1]]])(
    'names the tag if the shape is %j',
    (shape) => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const images = { data: new Uint8Array(size), shape };
      expect(() => imagesSummary('input', images, {})).toThrow(SummaryValueError);
      expect(() => imagesSummary('input', images, {})).toThrow(`"input": expected shape`);
    },
  );
});

describe('imageSummary', () => {
  it('records one image, with channels or gray', () => {
    const gray = imageSummary('in', { data: [0, 1], shape: [1, 2] }, {});
    expect(decode(stringsOf(gray)[2]).data[4]).toBe(255);
    const color = imageSummary('in', { data: [0, 1, 0], shape: [1, 1, 3] }, {});
    expect([...decode(stringsOf(color)[2]).data]).toEqual([0, 255, 0, 255]);
    expect(() => imageSummary('in', { data: [1], shape: [1, 1, 1, 1] }, {})).toThrow(
      '[height, width, channels]',
    );
  });
});
