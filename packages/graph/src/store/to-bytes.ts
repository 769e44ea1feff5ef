import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type CollectionDefSchema,
  MetaGraphDefSchema,
  type SignatureDefSchema,
  type TensorInfoSchema,
} from '@elistimator/protos';
import { nameOf } from '../graph/operation';
import type { GraphDefinition, GraphNode, Signature, TensorRef } from '../graph/types';
import { protoType } from './dtypes';
import { formatTag, metadataCollection, updatesCollection } from './format';
import { nodeToProto } from './node-to-proto';
import { seal } from './seal';
import { shapeToProto } from './shape-proto';

const tensorInfo = (
  nodes: readonly GraphNode[],
  ref: TensorRef,
): MessageInitShape<typeof TensorInfoSchema> => {
  const spec = nodes[ref.node]?.outputs[ref.output];
  const name = `${nodes[ref.node]?.name}:${ref.output}`;
  return {
    encoding: { case: 'name', value: name },
    ...(spec && { dtype: protoType(spec.dtype), tensorShape: shapeToProto(spec.shape) }),
  };
};

const signatureToProto = (
  { inputs, outputs }: Signature,
  nodes: readonly GraphNode[],
): MessageInitShape<typeof SignatureDefSchema> => {
  const places = new Map(nodes.map(({ name }, place) => [name, place]));
  const info = (ref: TensorRef) => tensorInfo(nodes, ref);
  return {
    inputs: Object.fromEntries(
      inputs.map((name) => [name, info({ node: places.get(name) ?? 0, output: 0 })]),
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, ref]) => [name, info(ref)])),
    methodName: formatTag,
  };
};

const updatesToProto = (
  { updates }: Signature,
  nodes: readonly GraphNode[],
): MessageInitShape<typeof CollectionDefSchema> => ({
  kind: {
    case: 'nodeList',
    value: { value: updates.flatMap(({ variable, value }) => [variable, nameOf(nodes, value)]) },
  },
});

const metadataToProto = (
  metadata: Readonly<Record<string, string>>,
): MessageInitShape<typeof CollectionDefSchema> => ({
  kind: { case: 'nodeList', value: { value: Object.entries(metadata).flat() } },
});

/** The graph as described in `format.ts`. The same graph gives the same bytes. */
export const toBytes = ({ nodes, signatures, metadata = {} }: GraphDefinition): Uint8Array => {
  const entries = Object.entries(signatures);
  const meta = create(MetaGraphDefSchema, {
    graphDef: { node: nodes.map((node) => nodeToProto(node, nodes)) },
    signatureDef: Object.fromEntries(
      entries.map(([name, signature]) => [name, signatureToProto(signature, nodes)]),
    ),
    collectionDef: {
      ...Object.fromEntries(
        entries.map(([name, signature]) => [
          `${updatesCollection}${name}`,
          updatesToProto(signature, nodes),
        ]),
      ),
      ...(Object.keys(metadata).length > 0 && { [metadataCollection]: metadataToProto(metadata) }),
    },
  });
  return seal(toBinary(MetaGraphDefSchema, meta));
};
