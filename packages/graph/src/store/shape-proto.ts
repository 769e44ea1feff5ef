import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TensorShapeProtoSchema } from '@elistimator/protos';
import type { Sized } from '../graph/types';

/** A shape as TensorFlow writes it: -1 for what the batch size decides. */
export const shapeToProto = (
  shape: readonly Sized[],
): MessageInitShape<typeof TensorShapeProtoSchema> => ({
  dim: shape.map((dimension) => ({
    size: typeof dimension === 'number' ? BigInt(dimension) : -1n,
  })),
});
