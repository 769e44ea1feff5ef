export { apply, type CallOptions, type LayerInput } from './apply-layer';
export {
  alphaDropout,
  dropout,
  gaussianDropout,
  gaussianNoise,
  type NoiseOptions,
  spatialDropout1d,
} from './dropout';
export * from './layer-functions';
