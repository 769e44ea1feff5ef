import { ExplainedTypeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { runOnCpu } from '../../run-on-cpu';
import { share } from '../../tfjs-internals';
import { improvedKernel } from '../define-kernel';

/**
 * Identity: shares the input's memory, like tfjs's cpu backend. Stock copies it, and tfjs runs
 * Identity on every tensor that a gradient needs later.
 */
export const identity = improvedKernel<{ readonly x: tf.TensorInfo }, undefined>(
  tf.Identity,
  () =>
    ({ inputs: { x }, backend }) =>
      share(backend, x),
);

/**
 * Cast: shares memory if the dtype stays the same, where stock copies. A cast to bool returns true
 * for every number except 0, where stock truncates first, so that 0.5 becomes false.
 */
export const cast = improvedKernel<{ readonly x: tf.Tensor }, tf.CastAttrs>(
  tf.Cast,
  (stock) => (call) => {
    const { x } = call.inputs;
    const { dtype } = call.attrs;
    if (x.dtype === dtype) return share(call.backend, x);
    if (x.dtype === 'string' || dtype === 'string') {
      throw new ExplainedTypeError({
        subject: 'operation "Cast" on the wasm backend',
        expected: 'numbers',
        actual: `a cast from ${x.dtype} to ${dtype}`,
        fix: 'Convert strings before they become a tensor.',
      });
    }
    if (x.dtype === 'complex64' || dtype === 'complex64') {
      return runOnCpu(tf.Cast, call.backend, { x }, { dtype });
    }
    if (dtype !== 'bool') return stock(call);
    return tf.tidy(() => tf.notEqual(x, tf.scalar(0, x.dtype)));
  },
);
