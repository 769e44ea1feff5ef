export { registerTrainingGradients } from './register-training-gradients';
