import * as tf from '@tensorflow/tfjs';

/** The fields in which tfjs-layers' wrappers, recurrent layers and models keep their inner layers. */
const innerFields = ['layers', 'layer', 'cell', 'cells', 'forwardLayer', 'backwardLayer'] as const;

const isLayer = (value: unknown): value is tf.layers.Layer => value instanceof tf.layers.Layer;

/** A layer's direct inner layers, each with a path that identifies it: `cells/0`. */
export const innerLayers = (
  layer: tf.layers.Layer,
): readonly (readonly [path: string, layer: tf.layers.Layer])[] => {
  const fields = layer as unknown as Record<string, unknown>;
  return innerFields.flatMap((field) =>
    [fields[field]]
      .flat()
      .filter(isLayer)
      .map((inner, index) => [`${field}/${index}`, inner] as const),
  );
};

/** A layer and all layers inside it, each once. */
export const layersWithin = (layer: tf.layers.Layer): ReadonlySet<tf.layers.Layer> => {
  const layers = new Set<tf.layers.Layer>();
  const visit = (visited: tf.layers.Layer): void => {
    if (layers.has(visited)) return;
    layers.add(visited);
    for (const [, inner] of innerLayers(visited)) visit(inner);
  };
  visit(layer);
  return layers;
};

/** Where tfjs-layers' recurrent cells keep their last dropout masks. */
interface DropoutMasks {
  dropoutMask?: tf.Tensor | tf.Tensor[] | null;
  recurrentDropoutMask?: tf.Tensor | tf.Tensor[] | null;
}

/** Frees the dropout masks that recurrent layers keep until their next call. */
export const disposeMasks = (layer: tf.layers.Layer): void => {
  for (const inner of layersWithin(layer)) {
    const masks = inner as DropoutMasks;
    tf.dispose([masks.dropoutMask ?? [], masks.recurrentDropoutMask ?? []]);
    masks.dropoutMask = null;
    masks.recurrentDropoutMask = null;
  }
};
