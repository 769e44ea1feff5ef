import { describe, expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import { meshSummaries } from './mesh';

const vertices = { shape: [1, 3, 3], data: [0, 0, 0, 1, 0, 0, 0, 1, 0] };
const faces = { shape: [1, 3], dtype: 'int32', data: [0, 1, 2] };
const colors = { shape: [3, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9] };

describe('meshSummaries', () => {
  it('returns a summary for each part', () => {
    const tags = (options: object) =>
      meshSummaries('solid', vertices, options).map(({ tag }) => tag);
    expect(tags({})).toEqual(['solid_VERTEX']);
    expect(tags({ faces })).toEqual(['solid_VERTEX', 'solid_FACE']);
    expect(tags({ colors: { ...colors, shape: [1, 3, 3] } })).toEqual([
      'solid_VERTEX',
      'solid_COLOR',
    ]);
  });

  it.each([
    ['vertices', { shape: [9], data: vertices.data }, {}, 'vertices of shape [n, 3]'],
    [
      'a face',
      vertices,
      { faces: { ...faces, data: [0, 1, 3] } },
      'faces with vertex indices in 0..2, got 3',
    ],
    [
      'colors',
      vertices,
      { colors: { shape: [1, 3], data: [1, 2, 3] } },
      'colors with the shape of the vertices, [1,3,3], got shape [1,1,3]',
    ],
  ])('rejects wrong %s', (_what, points, options, message) => {
    const record = () => meshSummaries('solid', points, options);
    expect(record).toThrow(SummaryValueError);
    expect(record).toThrow(message);
  });
});
