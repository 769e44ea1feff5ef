export { addToNearest, type NearestAttributes } from './add-to-nearest';
export { poolAxes3D, shareAmongInside } from './average-share';
export { registerTrainingGradients } from './register-training-gradients';
