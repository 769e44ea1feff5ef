import { activationGradients } from './activation-cases';
import { convolutionGradients } from './convolution-cases';
import type { GradientCases } from './gradient-case';
import { imageGradients } from './image-cases';
import { lossGradients } from './loss-cases';
import { tensorGradients } from './tensor-cases';

/** What the layers, activations and losses of tfjs are made of. */
export const gradientCases: GradientCases = {
  ...activationGradients,
  ...convolutionGradients,
  ...imageGradients,
  ...lossGradients,
  ...tensorGradients,
};
