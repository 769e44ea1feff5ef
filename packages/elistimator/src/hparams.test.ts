import { expect, it } from 'vitest';
import { hparamsOf } from './hparams';

it('flattens dictionaries, joins lists, and omits values without a short text', () => {
  const params = {
    rate: 0.1,
    decay: Number.POSITIVE_INFINITY,
    name: 'cnn',
    bias: true,
    sizes: [32, 64],
    optimizer: { kind: 'adam', beta: 0.9 },
    fn: () => 1,
    data: new Float32Array(3),
    nothing: null,
  };
  expect(hparamsOf(params)).toEqual({
    rate: 0.1,
    decay: 'Infinity',
    name: 'cnn',
    bias: true,
    sizes: '32, 64',
    'optimizer/kind': 'adam',
    'optimizer/beta': 0.9,
  });
  expect(hparamsOf(undefined)).toEqual({});
});
