import type { Graph } from '@elistimator/graph';
import { DatasetError } from '../dataset';
import { formatSpec, shapeFits } from '../dataset/tensor-spec';
import { MissingFeatureError } from '../errors';
import type { FeatureTensors } from './runnable-model';

/**
 * Checks that a graph from a file trains on such features, before anything is built on them.
 *
 * @throws MissingFeatureError for one that a training step needs
 * @throws DatasetError for one of another dtype or shape
 */
export const checkFeatures = (graph: Graph, features: FeatureTensors): void => {
  const needed = graph.signatures.train?.inputs ?? [];
  const missing = needed.find((name) => !Object.hasOwn(features, name));
  if (missing !== undefined) throw new MissingFeatureError(missing, Object.keys(features));
  for (const { name, dtype, shape: sizes } of graph.placeholders) {
    const tensor = Object.hasOwn(features, name) ? features[name] : undefined;
    if (tensor === undefined) continue;
    const shape = sizes.map((size) => (typeof size === 'number' ? size : null));
    if (tensor.dtype === dtype && shapeFits(tensor.shape, shape)) continue;
    throw new DatasetError({
      subject: `feature "${name}"`,
      expected: `${formatSpec({ dtype, shape })}, as the graph in the directory takes it`,
      actual: formatSpec(tensor),
      fix: 'Give data of the form that the model was trained on, or the modelFn, which may take others.',
    });
  }
};
