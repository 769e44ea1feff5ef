import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttrValueSchema,
  dataTypeOf,
  GraphDefSchema,
  type NodeDefSchema,
} from '@elistimator/protos';
import { operationType } from '../ir/kernels';
import { inputsOf, tensorName } from '../ir/references';
import { formatNumber, isSymbolicNumber } from '../ir/symbolic-numbers';
import type { AttributeValue, GraphDefinition, GraphNode } from '../ir/types';
import { isTfjsDtype, shapeToProto } from './tensor-protos';

type Attribute = MessageInitShape<typeof AttrValueSchema>;
type Node = MessageInitShape<typeof NodeDefSchema>;

const text = (value: string): Attribute => ({
  value: { case: 's', value: new TextEncoder().encode(value) },
});

const number = (value: number): Attribute =>
  Number.isSafeInteger(value)
    ? { value: { case: 'i', value: BigInt(value) } }
    : { value: { case: 'f', value } };

const isIntegers = (values: readonly AttributeValue[]): values is readonly number[] =>
  values.every(Number.isSafeInteger);

/** An attribute in the form that TensorBoard shows best; undefined for an absent one. */
const attributeToProto = (value: AttributeValue): Attribute | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return { value: { case: 'b', value } };
  if (typeof value === 'number') return number(value);
  if (isSymbolicNumber(value)) return text(formatNumber(value));
  if (typeof value === 'string') {
    return isTfjsDtype(value) ? { value: { case: 'type', value: dataTypeOf(value) } } : text(value);
  }
  if (Array.isArray(value) && isIntegers(value)) {
    return { value: { case: 'list', value: { i: value.map(BigInt) } } };
  }
  const format = (_: string, part: unknown) => (isSymbolicNumber(part) ? formatNumber(part) : part);
  return text(JSON.stringify(value, format));
};

const kernelAttributes = (node: GraphNode): [string, Attribute][] => {
  if (node.kind !== 'kernel') return [];
  return Object.entries(node.attributes).flatMap(([name, value]): [string, Attribute][] => {
    const attribute = attributeToProto(value);
    return attribute ? [[name, attribute]] : [];
  });
};

const nodeForTensorBoard = (node: GraphNode, nodes: readonly GraphNode[]): Node => {
  const shapes = node.outputs.map(({ shape }) => shapeToProto(shape));
  const type = node.outputs[0] && dataTypeOf(node.outputs[0].dtype);
  const typeAttribute: [string, Attribute][] =
    type === undefined
      ? []
      : [[inputsOf(node).length > 0 ? 'T' : 'dtype', { value: { case: 'type', value: type } }]];
  return {
    name: node.name,
    op: operationType(node, nodes),
    input: inputsOf(node).map((ref) => tensorName(nodes, ref)),
    attr: Object.fromEntries([
      ...kernelAttributes(node),
      ...typeAttribute,
      ['_output_shapes', { value: { case: 'list', value: { shape: shapes } } }],
    ]),
  };
};

/** An assignment for each update, named as in TensorFlow: `variable/Assign`. */
const assignments = ({ nodes, signatures }: GraphDefinition): Node[] => {
  const taken = new Set(nodes.map(({ name }) => name));
  return Object.values(signatures).flatMap(({ updates }) =>
    updates.map(({ variable, value }): Node => {
      let name = `${variable}/Assign`;
      for (let count = 1; taken.has(name); count++) name = `${variable}/Assign_${count}`;
      taken.add(name);
      return { name, op: 'Assign', input: [variable, tensorName(nodes, value)] };
    }),
  );
};

/**
 * The graph as a `tensorflow.GraphDef` for TensorBoard: names with scopes, TensorFlow's operations,
 * shapes (-1 for dimensions that depend on the batch size) and readable attributes, without the values
 * of constants.
 */
export const toGraphDef = (graph: GraphDefinition): Uint8Array =>
  toBinary(
    GraphDefSchema,
    create(GraphDefSchema, {
      node: [
        ...graph.nodes.map((node) => nodeForTensorBoard(node, graph.nodes)),
        ...assignments(graph),
      ],
      // As TensorFlow 2 writes it, so that readers know which version they read.
      versions: { producer: 1882 },
    }),
  );
