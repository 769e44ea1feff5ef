import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runner } from '../../test/model-function-runner';
import * as layers from '../layers';
import { getVariable } from './get-variable';
import { variableScope } from './model-call';

beforeAll(() => tf.setBackend('cpu'));

describe('variableScope and getVariable', () => {
  it('prefix names with a path, and number layers within it', () => {
    const { run, names } = runner();
    const model = () =>
      variableScope('encoder', () => {
        const x = layers.dense(tf.ones([2, 3]), { units: 2 });
        const scale = getVariable('scale', { shape: [], initializer: () => tf.scalar(2) });
        return variableScope('inner', () => layers.dense(x, { units: 2 })).mul(scale);
      });
    run(model);
    run(model);
    expect(names()).toEqual([
      'encoder/dense/kernel',
      'encoder/dense/bias',
      'encoder/scale',
      'encoder/inner/dense/kernel',
      'encoder/inner/dense/bias',
    ]);
  });

  it('share variables within a reused scope', () => {
    const { run, names } = runner();
    const tower = (reuse: boolean) =>
      variableScope(
        'tower',
        () => {
          const w = getVariable('w', { shape: [2, 2] });
          return layers.dense(tf.ones([1, 2]).matMul(w as tf.Tensor2D), { units: 2 });
        },
        { reuse },
      );
    const [a, b] = run(() => [tower(false), tower(true)] as const);
    expect(a.dataSync()).toEqual(b.dataSync());
    expect(names()).toEqual(['tower/w', 'tower/dense/kernel', 'tower/dense/bias']);
    expect(() => run(() => [tower(false), tower(false)])).toThrow(/variable "tower\/w".*second/);
  });

  it('reject another shape under the same name', () => {
    const { run } = runner();
    run(() => getVariable('v', { shape: [2] }));
    expect(() => run(() => getVariable('v', { shape: [3] }))).toThrow(/\[2\].*\[3\]/);
  });

  it('create integer variables that are not trainable', () => {
    const { run, store } = runner();
    const count = run(() => getVariable('count', { shape: [], dtype: 'int32' }));
    expect(count.dtype).toBe('int32');
    expect(store.all()[0]?.isTrainable()).toBe(false);
  });
});
