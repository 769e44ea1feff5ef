import { convolutionCases } from './convolution-cases';
import { denseCases } from './dense-cases';
import { imageCases } from './image-cases';
import type { LayerCases } from './layer-case';
import { poolingCases } from './pooling-cases';
import { recurrentCases } from './recurrent-cases';

export { imageLayers } from './image-cases';
export type { LayerCase } from './layer-case';

/** Models that cover every layer of tfjs. */
export const layerCases: LayerCases = {
  ...convolutionCases,
  ...denseCases,
  ...imageCases,
  ...poolingCases,
  ...recurrentCases,
};
