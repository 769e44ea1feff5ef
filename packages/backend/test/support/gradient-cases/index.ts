import { activationGradients } from './activation-cases';
import { convolutionGradients } from './convolution-cases';
import type { GradientCases } from './gradient-case';
import { imageGradients } from './image-cases';
import { lossGradients } from './loss-cases';
import { tensorGradients } from './tensor-cases';

/** The ops of tfjs's layers, activations and losses. */
export const gradientCases: GradientCases = {
  ...activationGradients,
  ...convolutionGradients,
  ...imageGradients,
  ...lossGradients,
  ...tensorGradients,
};
