export { mixSeed } from './mix-seed';
export { RANDOM_KERNEL, type RandomTensorOptions, randomTensor } from './random-tensor';
