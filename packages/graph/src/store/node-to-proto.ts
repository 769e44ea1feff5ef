import type { MessageInitShape } from '@bufbuild/protobuf';
import type { NodeDefSchema } from '@elistimator/protos';
import { isFilled } from '../graph/constant-values';
import { nameOf, operationType } from '../graph/operation';
import { inputsOf } from '../graph/references';
import type { GraphNode, KernelInput, KernelNode, TensorSpec } from '../graph/types';
import { attributeToJson } from './attribute-json';
import { constantToProto } from './constant-proto';
import { protoType } from './dtypes';
import { detailsAttribute } from './format';

/** Places among the node's inputs: of one tensor, of a list, or of none. */
export type InputPlaces = number | readonly number[] | null;

const placesOf = (inputs: KernelNode['inputs']): Record<string, InputPlaces> => {
  let next = 0;
  const place = (input: KernelInput): InputPlaces => {
    if (input === null) return null;
    return 'node' in input ? next++ : input.map(() => next++);
  };
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, place(input)]));
};

const outputsOf = (outputs: readonly TensorSpec[]) =>
  outputs.map(({ dtype, shape }) => [dtype, attributeToJson(shape)]);

/** What TensorFlow's fields can't say of a node. */
const detailsOf = (node: GraphNode): object => {
  const { kind } = node;
  const outputs = outputsOf(node.outputs);
  switch (node.kind) {
    case 'placeholder':
      return { kind, outputs };
    case 'variable':
      return { kind, trainable: node.trainable, outputs };
    case 'constant': {
      const { values } = node;
      return isFilled(values)
        ? { kind, fill: attributeToJson(values.fill), outputs }
        : { kind, outputs };
    }
    case 'random': {
      const { distribution, parameters, index } = node;
      return { kind, distribution, parameters: attributeToJson(parameters), index, outputs };
    }
    case 'kernel': {
      const { kernel } = node;
      const attributes = Object.entries(node.attributes).map(([name, value]) => [
        name,
        attributeToJson(value),
      ]);
      return {
        kind,
        kernel,
        inputs: placesOf(node.inputs),
        attributes: Object.fromEntries(attributes),
        outputs,
      };
    }
  }
};

export const nodeToProto = (
  node: GraphNode,
  nodes: readonly GraphNode[],
): MessageInitShape<typeof NodeDefSchema> => {
  const details = new TextEncoder().encode(JSON.stringify(detailsOf(node)));
  const type = node.outputs[0] && protoType(node.outputs[0].dtype);
  const value = node.kind === 'constant' ? constantToProto(node) : undefined;
  return {
    name: node.name,
    op: operationType(node, nodes),
    input: inputsOf(node).map((ref) => nameOf(nodes, ref)),
    attr: {
      ...(type === undefined ? {} : { dtype: { value: { case: 'type', value: type } } }),
      ...(value === undefined ? {} : { value: { value: { case: 'tensor', value } } }),
      [detailsAttribute]: { value: { case: 's', value: details } },
    },
  };
};
