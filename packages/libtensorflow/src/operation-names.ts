import { fromBinary } from '@bufbuild/protobuf';
import { OpListSchema } from '@elistimator/protos';
import { bufferBytes } from './c-api';
import type { Runtime } from './runtime';

/** The types of operation that this TensorFlow knows, sorted: `Abort`, `Abs`, … */
export const operationNames = ({ c }: Runtime): string[] => {
  const buffer = c.TF_GetAllOpList();
  try {
    return fromBinary(OpListSchema, bufferBytes(buffer))
      .op.map(({ name }) => name)
      .sort();
  } finally {
    c.TF_DeleteBuffer(buffer);
  }
};
