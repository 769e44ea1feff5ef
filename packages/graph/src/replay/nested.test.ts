import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { linear } from '../../test/definitions';
import { Graph } from '../graph';
import { trace } from '../trace/trace';

describe('a run in a trace', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('becomes part of the traced graph', () => {
    const inner = new Graph(linear());
    const variables = {
      w: tf.variable(tf.randomUniform([3, 2], -1, 1, 'float32', 1), true, 'w'),
      b: tf.variable(tf.randomUniform([2], -1, 1, 'float32', 2), true, 'b'),
    };
    const outer = trace(
      (inputs) => {
        const { updates } = inner.runSignature('train', inputs, { variables });
        return { y: tf.neg(inner.run('y', inputs, { variables })), halved: updates.w as tf.Tensor };
      },
      { x: { shape: [null, 3] }, target: { shape: [null, 2] } },
    );
    const feeds = { x: tf.ones([4, 3]), target: tf.ones([4, 2]) };
    const [y, halved] = outer.run(['y', 'halved'], feeds);
    expect(y?.dataSync()).toEqual(tf.neg(inner.run('y', feeds, { variables })).dataSync());
    expect(halved?.dataSync()).toEqual(variables.w.mul(0.5).dataSync());
    expect(outer.operations.map(({ type }) => type)).toContain('MatMul');
  });
});
