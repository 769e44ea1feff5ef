import * as tf from '@tensorflow/tfjs';

/** Fields in which tfjs-layers' wrappers, recurrent layers and models keep the layers within them. */
const innerFields = ['layers', 'layer', 'cell', 'cells', 'forwardLayer', 'backwardLayer'] as const;

const isLayer = (value: unknown): value is tf.layers.Layer => value instanceof tf.layers.Layer;

/** A layer's own inner layers, with a text that tells them apart. */
export const innerLayers = (
  layer: tf.layers.Layer,
): readonly (readonly [place: string, layer: tf.layers.Layer])[] => {
  const fields = layer as unknown as Record<string, unknown>;
  return innerFields.flatMap((field) =>
    [fields[field]]
      .flat()
      .filter(isLayer)
      .map((inner, index) => [`${field}/${index}`, inner] as const),
  );
};

/** A layer and all layers within it, each once. */
export const layersWithin = (layer: tf.layers.Layer): ReadonlySet<tf.layers.Layer> => {
  const found = new Set<tf.layers.Layer>();
  const visit = (visited: tf.layers.Layer): void => {
    if (found.has(visited)) return;
    found.add(visited);
    for (const [, inner] of innerLayers(visited)) visit(inner);
  };
  visit(layer);
  return found;
};
