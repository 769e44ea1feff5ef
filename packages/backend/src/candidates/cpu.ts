import * as tf from '@tensorflow/tfjs';
import { activateBackend } from '../tfjs-internals';
import type { Candidate } from './candidate';

/**
 * tfjs prints a banner that recommends tfjs-node when the first tensor is created on the cpu
 * backend. Our summary covers that, so the first tensor is created in production mode, which has no
 * banner.
 */
const skipBanner = (): void => {
  const production = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    tf.scalar(0).dispose();
  } finally {
    tf.env().set('PROD', production);
  }
};

/** tfjs's JavaScript backend: complete, but slow. */
export const cpu: Candidate = {
  name: 'cpu',
  tfBackend: 'cpu',
  canUseGpu: false,
  supports: (path, { threads }) =>
    path === 'deterministic' || (path === 'threads' && threads === 1),
  start: async () => {
    await activateBackend('cpu');
    skipBanner();
    return { version: tf.version['tfjs-core'], gpu: false };
  },
};
