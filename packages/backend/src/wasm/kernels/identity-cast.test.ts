import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAsOnCpu, startWasm } from '../../../test/support/wasm';

beforeAll(startWasm);

describe('cast', () => {
  it('matches the cpu backend', async () => {
    await expectAsOnCpu(() => {
      const x = tf.tensor1d([0, 0.5, -0.2, 2, 256]);
      return [
        x.cast('bool'),
        x.cast('int32'),
        x.cast('int32').cast('bool'),
        x.cast('bool').cast('float32'),
        x.cast('float32'),
      ];
    });
  });
});

describe('identity', () => {
  it('outlives its input', async () => {
    await tf.setBackend('wasm');
    const x = tf.tensor1d([1, 2, 3]);
    const copy = x.clone();
    x.dispose();
    const other = tf.tensor1d([7, 7, 7]);
    expect([...copy.dataSync()]).toEqual([1, 2, 3]);
    tf.dispose([copy, other]);
  });

  it('supports strings', async () => {
    await expectAsOnCpu(() => tf.tensor1d([3, 1]).clone());
    const text = tf.tensor1d(['a', 'b']);
    expect(text.clone().dataSync()).toEqual(['a', 'b']);
  });
});
