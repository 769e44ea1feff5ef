import { createRequire } from 'node:module';
import type * as TensorflowJs from '@tensorflow/tfjs';
import { type ClosableTfjsBinding, loadLibtensorflow, registerTfjsBackend } from '../src';
import { shimUtil } from './util-shims';

export type Tf = typeof TensorflowJs;

export const require = createRequire(import.meta.url);

/** Starts TensorFlow.js with the backend `tensorflow` on this package's binding. */
export const startTfjs = async (
  path: string,
): Promise<{ readonly tf: Tf; readonly binding: ClosableTfjsBinding }> => {
  shimUtil(require('node:util'));
  const tf: Tf = require('@tensorflow/tfjs');
  const binding = (await loadLibtensorflow({ path })).tfjsBinding({ intraOpThreads: 1 });
  registerTfjsBackend({ tf, binding, require });
  await tf.setBackend('tensorflow');
  return { tf, binding };
};
