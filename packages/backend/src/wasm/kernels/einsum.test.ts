import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { naiveEinsum } from '../../../test/support/naive-einsum';
import { values } from '../../../test/support/values';
import { distance, runOn, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

const sizes: Readonly<Record<string, number>> = { a: 2, b: 3, c: 4, d: 5, e: 2, f: 3 };

const equations = [
  'ab,bc->ac',
  'ab,bc->ca',
  'abc,acd->abd',
  'ba,bc->ac',
  'ab,cd->dacb',
  'abc,dc->abd',
  'abcd,aecd->aebc',
  'abc,dcef->abdef',
  'abc->cab',
  'abc->b',
  'ab->',
  'ab,ab->',
  'ab,cb->a',
  'abc,b->ac',
  'a,b->ab',
];

describe('einsum', () => {
  it.each(equations)('%s and its gradients match a naive implementation', async (equation) => {
    const words = equation.split('->')[0]?.split(',') ?? [];
    const shapes = words.map((word) => [...word].map((letter) => sizes[letter] ?? 1));
    const expected = naiveEinsum(equation, sizes, (index) => [
      ...values(index + 1, shapes[index] ?? []).dataSync(),
    ]);
    const [y, ...gradients] = await runOn('wasm', () => {
      const operands = shapes.map((shape, index) => values(index + 1, shape));
      // Not linear, so that the gradient depends on every operand.
      const loss = (...xs: tf.Tensor[]) => tf.sum(tf.square(tf.einsum(equation, ...xs)));
      return [tf.einsum(equation, ...operands), ...tf.grads(loss)(operands)];
    });
    expect(distance(y?.values ?? [], expected.y)).toBeLessThan(1e-5);
    expect(gradients.map(({ shape }) => shape)).toEqual(shapes);
    gradients.forEach(({ values: actual }, index) => {
      expect(distance(actual, expected.gradients[index] ?? [])).toBeLessThan(1e-5);
    });
  });

  it('rejects equations that tfjs rejects', async () => {
    await tf.setBackend('wasm');
    const x = values(1, [2, 2]);
    expect(() => tf.einsum('ii->i', x)).toThrow('duplicate');
    expect(() => tf.einsum('ab,ac->bd', x, x)).toThrow('not present');
    x.dispose();
  });
});
