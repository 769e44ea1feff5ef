export { registerWasmTrainingKernels } from './training-kernels';
