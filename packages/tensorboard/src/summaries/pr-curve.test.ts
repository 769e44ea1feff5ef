import { describe, expect, it } from 'vitest';
import { SummaryOptionError, SummaryValueError } from '../errors';
import { prCurveRows, prCurveSummary } from './pr-curve';

describe('prCurveRows', () => {
  it('counts at each threshold, and clips predictions to 0..1', () => {
    const examples = { truths: [1, 0, 1, 0], scores: [0.9, 0.5, 0.2, -3], weights: 1 };
    expect([...prCurveRows('curve', examples, 3)]).toEqual(
      [
        [2, 1, 0],
        [2, 1, 0],
        [0, 1, 2],
        [0, 1, 2],
        [0.5, 0.5, 0],
        [1, 0.5, 0],
      ].flat(),
    );
  });

  it('applies the weights of examples', () => {
    const examples = { truths: [1, 0], scores: [1, 1], weights: [2, 6] };
    expect(prCurveRows('curve', examples, 2)[9]).toBe(0.25);
  });
});

describe('prCurveSummary', () => {
  it.each([
    ['labels', [1], [1, 0], {}, '2 labels, got 1'],
    ['weights', [1], [1], { weights: [1, 2] }, '1 weights, got 2'],
    ['a label', [2], [1], {}, 'labels that are 0 or 1, got 2 at index 0'],
    ['a prediction', [1], [Number.NaN], {}, 'prediction NaN'],
    ['a weight', [1], [1], { weights: Infinity }, 'with weight Infinity'],
  ])('rejects wrong %s and names the tag', (_what, labels, predictions, options, message) => {
    const record = () => prCurveSummary('curve', labels, predictions, options);
    expect(record).toThrow(SummaryValueError);
    expect(record).toThrow(`"curve": expected`);
    expect(record).toThrow(message);
  });

  it('requires two thresholds', () => {
    expect(() => prCurveSummary('curve', [1], [1], { numThresholds: 1 })).toThrow(
      SummaryOptionError,
    );
  });
});
