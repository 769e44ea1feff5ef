import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from '../../../test/support/values';
import { expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

const sizeOf: Readonly<Record<string, number>> = { a: 2, b: 3, c: 4, d: 5, e: 2, f: 3 };

const operand = (seed: number, letters: string) =>
  values(
    seed,
    [...letters].map((letter) => sizeOf[letter] ?? 1),
  );

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
  it.each(equations)('%s is that of the cpu backend, and so is its gradient', async (equation) => {
    const words = equation.split('->')[0]?.split(',') ?? [];
    await expectAsOnCpu(() => {
      const operands = words.map((word, index) => operand(index + 1, word));
      const y = tf.einsum(equation, ...operands);
      // A function that is not linear, so that the gradient depends on every operand.
      const loss = (...xs: tf.Tensor[]) => tf.square(tf.einsum(equation, ...xs));
      return [y, ...tf.grads(loss)(operands)];
    });
  });

  it('has the gradient that numbers say', async () => {
    await tf.setBackend('wasm');
    tf.tidy(() => {
      const [x, w] = [operand(1, 'abc'), operand(2, 'dc')];
      const loss = (operandX: tf.Tensor) =>
        tf.sum(tf.square(tf.einsum('abc,dc->abd', operandX, w)));
      const gradient = tf.grad(loss)(x).dataSync();
      const step = 1e-2;
      for (const place of [0, 7, 23]) {
        const nudge = tf
          .oneHot(tf.tensor1d([place], 'int32'), x.size)
          .reshape(x.shape)
          .mul(step);
        const [up = 0, down = 0] = [x.add(nudge), x.sub(nudge)].map(
          (moved) => loss(moved).dataSync()[0],
        );
        expect((up - down) / (2 * step)).toBeCloseTo(gradient[place] ?? Number.NaN, 2);
      }
    });
  });
});
