import { engine } from '@tensorflow/tfjs-core';

// Every use of private parts of tfjs-core 4.22, besides what the bundler patches.

/** Identifies the current backend by name and class; `none` if tfjs has none. */
export const currentBackend = (): string => {
  const { backendName } = engine();
  return backendName ? `${backendName}/${engine().backend.constructor.name}` : 'none';
};

/** True while a kernel runs or a gradient is computed. */
export const isWithinKernelOrGradient = (): boolean => {
  const { gradientDepth, kernelDepth } = engine().state;
  return gradientDepth > 0 || kernelDepth > 0;
};
