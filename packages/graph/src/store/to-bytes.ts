import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type CollectionDefSchema,
  dataTypeOf,
  MetaGraphDefSchema,
  type NodeDefSchema,
  type SignatureDefSchema,
  type TensorInfoSchema,
} from '@elistimator/protos';
import { operationType } from '../ir/kernels';
import { inputsOf, tensorName } from '../ir/references';
import {
  type GraphDefinition,
  type GraphNode,
  isFill,
  type KernelInput,
  type KernelNode,
  type Signature,
  type TensorRef,
} from '../ir/types';
import { attributeToJson } from './attribute-json';
import {
  detailsAttribute,
  formatTag,
  metadataCollection,
  updatesCollection,
  withChecksum,
} from './format';
import { constantToProto, shapeToProto } from './tensor-protos';

/** A kernel's inputs as indices into the node's `input`: of a tensor, of a list, or null. */
const inputIndices = (
  inputs: KernelNode['inputs'],
): Record<string, number | readonly number[] | null> => {
  let next = 0;
  const indicesOf = (input: KernelInput) => {
    if (input === null) return null;
    return 'node' in input ? next++ : input.map(() => next++);
  };
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, indicesOf(input)]),
  );
};

/** What the fields of a NodeDef can't express. */
const detailsOf = (node: GraphNode): object => {
  const { kind } = node;
  const outputs = node.outputs.map(({ dtype, shape }) => [dtype, attributeToJson(shape)]);
  switch (node.kind) {
    case 'placeholder':
      return { kind, outputs };
    case 'variable':
      return { kind, trainable: node.trainable, outputs };
    case 'constant': {
      const { values } = node;
      return isFill(values)
        ? { kind, fill: attributeToJson(values.fill), outputs }
        : { kind, outputs };
    }
    case 'random': {
      const { distribution, parameters, index } = node;
      return { kind, distribution, parameters: attributeToJson(parameters), index, outputs };
    }
    case 'kernel': {
      const { kernel } = node;
      const attributes = Object.fromEntries(
        Object.entries(node.attributes).map(([name, value]) => [name, attributeToJson(value)]),
      );
      return { kind, kernel, inputs: inputIndices(node.inputs), attributes, outputs };
    }
  }
};

const nodeToProto = (
  node: GraphNode,
  nodes: readonly GraphNode[],
): MessageInitShape<typeof NodeDefSchema> => {
  const details = new TextEncoder().encode(JSON.stringify(detailsOf(node)));
  const type = node.outputs[0] && dataTypeOf(node.outputs[0].dtype);
  const value = node.kind === 'constant' ? constantToProto(node) : undefined;
  return {
    name: node.name,
    op: operationType(node, nodes),
    input: inputsOf(node).map((ref) => tensorName(nodes, ref)),
    attr: {
      ...(type === undefined ? {} : { dtype: { value: { case: 'type', value: type } } }),
      ...(value === undefined ? {} : { value: { value: { case: 'tensor', value } } }),
      [detailsAttribute]: { value: { case: 's', value: details } },
    },
  };
};

const tensorInfo = (
  nodes: readonly GraphNode[],
  { node, output }: TensorRef,
): MessageInitShape<typeof TensorInfoSchema> => {
  const type = nodes[node]?.outputs[output];
  return {
    encoding: { case: 'name', value: `${nodes[node]?.name}:${output}` },
    ...(type && { dtype: dataTypeOf(type.dtype), tensorShape: shapeToProto(type.shape) }),
  };
};

const signatureToProto = (
  { inputs, outputs }: Signature,
  nodes: readonly GraphNode[],
): MessageInitShape<typeof SignatureDefSchema> => {
  const indices = new Map(nodes.map(({ name }, index) => [name, index]));
  const info = (ref: TensorRef) => tensorInfo(nodes, ref);
  return {
    inputs: Object.fromEntries(
      inputs.map((name) => [name, info({ node: indices.get(name) ?? 0, output: 0 })]),
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, ref]) => [name, info(ref)])),
    methodName: formatTag,
  };
};

const toCollection = (value: string[]): MessageInitShape<typeof CollectionDefSchema> => ({
  kind: { case: 'nodeList', value: { value } },
});

/** The graph in the format that `format.ts` describes. Equal graphs give equal bytes. */
export const toBytes = ({ nodes, signatures, metadata = {} }: GraphDefinition): Uint8Array => {
  const entries = Object.entries(signatures);
  const collections = entries.map(([name, { updates }]) => [
    `${updatesCollection}${name}`,
    toCollection(updates.flatMap(({ variable, value }) => [variable, tensorName(nodes, value)])),
  ]);
  const texts = Object.entries(metadata).flat();
  const meta = create(MetaGraphDefSchema, {
    graphDef: { node: nodes.map((node) => nodeToProto(node, nodes)) },
    signatureDef: Object.fromEntries(
      entries.map(([name, signature]) => [name, signatureToProto(signature, nodes)]),
    ),
    collectionDef: {
      ...Object.fromEntries(collections),
      ...(texts.length > 0 && { [metadataCollection]: toCollection(texts) }),
    },
  });
  return withChecksum(toBinary(MetaGraphDefSchema, meta));
};
