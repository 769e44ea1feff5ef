import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runner } from '../../test/model-function-runner';
import * as layers from '../layers';
import { type GetVariableOptions, getVariable } from './get-variable';
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

  it.each<[string, NonNullable<GetVariableOptions['initializer']>, number[]]>([
    ['zeros', 'zeros', [0, 0]],
    ['ones', 'ones', [1, 1]],
    ['a configuration', { className: 'Constant', config: { value: 3 } }, [3, 3]],
    ['an object', tf.initializers.constant({ value: 4 }), [4, 4]],
    ['a function', (shape) => tf.fill(shape, 5), [5, 5]],
  ])('initialize as layers do: %s', (_, initializer, expected) => {
    const { run } = runner();
    const variable = run(() => getVariable('v', { shape: [2], initializer }));
    expect([...variable.dataSync()]).toEqual(expected);
  });

  it.each<[string, () => NonNullable<GetVariableOptions['initializer']>]>([
    ['a name', () => 'randomNormal'],
    ['a configuration', () => ({ className: 'RandomUniform', config: { minval: 0, maxval: 1 } })],
    ['an object', () => tf.initializers.truncatedNormal({ stddev: 1 })],
  ])('draw values that follow from the seed and the name: %s', (_, initializer) => {
    const draw = (seed: number) => {
      const { run } = runner(seed);
      const shared = initializer();
      const of = (name: string) => getVariable(name, { shape: [3], initializer: shared });
      return run(() => [of('a'), of('b')]).map((variable) => [...variable.dataSync()]);
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    const [a, b] = draw(5);
    expect(a).not.toEqual(b);
  });

  it('refuse initializers that do not exist, or return another shape', () => {
    const create = (initializer: unknown) => () =>
      runner().run(() => Reflect.apply(getVariable, undefined, ['v', { shape: [2], initializer }]));
    expect(create('zeroes')).toThrow(
      /option "initializer" of variable "v": expected a name.*got "zeroes"\. Did you mean "zeros"\?/,
    );
    expect(create({ className: 'Zero', config: {} })).toThrow(/got "Zero"/);
    expect(create(3)).toThrow(/got 3/);
    expect(create(() => tf.zeros([3]))).toThrow(
      /initial value of variable "v": expected a tensor of shape \[2\], got shape \[3\]/,
    );
    expect(create(() => 0)).toThrow(/got 0/);
  });
});
