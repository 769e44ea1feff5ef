import * as tf from '@tensorflow/tfjs';
import { vi } from 'vitest';

/** Returns the sorted names of the kernels that a function runs, without those that kernels run. */
export const recordKernels = async (run: () => unknown): Promise<readonly string[]> => {
  const engine = tf.engine();
  const names = new Set<string>();
  const runKernel = engine.runKernel.bind(engine);
  let depth = 0;
  const spy = vi.spyOn(engine, 'runKernel').mockImplementation((name, inputs, attrs) => {
    if (depth === 0) names.add(name);
    depth++;
    try {
      return runKernel(name, inputs, attrs);
    } finally {
      depth--;
    }
  });
  try {
    await run();
  } finally {
    spy.mockRestore();
  }
  return [...names].toSorted();
};
