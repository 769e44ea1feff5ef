import * as tf from '@tensorflow/tfjs';
import type { Candidate } from './candidate';

/**
 * tfjs greets whoever makes the first tensor on its cpu backend with three lines that advise
 * tfjs-node. Our summary line says that already, so the first tensor is made in production mode,
 * where tfjs prints nothing.
 */
const passGreeting = (): void => {
  const production = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    tf.scalar(0).dispose();
  } finally {
    tf.env().set('PROD', production);
  }
};

/** tfjs's own JavaScript backend: every kernel, none of them fast. */
export const cpu: Candidate = {
  name: 'cpu',
  tfBackend: 'cpu',
  mayUseGpu: false,
  honours: (path, { threads }) => path === 'deterministic' || (path === 'threads' && threads === 1),
  start: async () => {
    await tf.setBackend('cpu');
    passGreeting();
    return { version: tf.version['tfjs-core'], gpu: false };
  },
};
