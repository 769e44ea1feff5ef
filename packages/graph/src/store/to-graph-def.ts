import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type AttrValueSchema, GraphDefSchema, type NodeDefSchema } from '@elistimator/protos';
import { nameOf, operationType } from '../graph/operation';
import { inputsOf } from '../graph/references';
import { formatSized, isSized } from '../graph/sized';
import type { AttributeValue, GraphDefinition, GraphNode } from '../graph/types';
import { isDtype, protoType } from './dtypes';
import { shapeToProto } from './shape-proto';

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

/** An attribute as TensorBoard shows it best; undefined for one that says nothing. */
const attributeToProto = (value: AttributeValue): Attribute | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return { value: { case: 'b', value } };
  if (typeof value === 'number') return number(value);
  if (isSized(value)) return text(formatSized(value));
  if (typeof value === 'string') {
    return isDtype(value) ? { value: { case: 'type', value: protoType(value) } } : text(value);
  }
  if (Array.isArray(value) && isIntegers(value)) {
    return { value: { case: 'list', value: { i: value.map(BigInt) } } };
  }
  const sized = (_: string, part: unknown) => (isSized(part) ? formatSized(part) : part);
  return text(JSON.stringify(value, sized));
};

const kernelAttributes = (node: GraphNode): [string, Attribute][] => {
  if (node.kind !== 'kernel') return [];
  return Object.entries(node.attributes).flatMap(([name, value]): [string, Attribute][] => {
    const attribute = attributeToProto(value);
    return attribute ? [[name, attribute]] : [];
  });
};

const nodeToShow = (node: GraphNode, nodes: readonly GraphNode[]): Node => {
  const shapes = node.outputs.map(({ shape }) => shapeToProto(shape));
  const type = node.outputs[0] && protoType(node.outputs[0].dtype);
  const own: [string, Attribute][] =
    type === undefined
      ? []
      : [[inputsOf(node).length > 0 ? 'T' : 'dtype', { value: { case: 'type', value: type } }]];
  return {
    name: node.name,
    op: operationType(node, nodes),
    input: inputsOf(node).map((ref) => nameOf(nodes, ref)),
    attr: Object.fromEntries([
      ...kernelAttributes(node),
      ...own,
      ['_output_shapes', { value: { case: 'list', value: { shape: shapes } } }],
    ]),
  };
};

/** An assignment for each update, under the variable's scope, as TensorFlow names it. */
const assignments = ({ nodes, signatures }: GraphDefinition): Node[] => {
  const taken = new Set(nodes.map(({ name }) => name));
  return Object.values(signatures).flatMap(({ updates }) =>
    updates.map(({ variable, value }): Node => {
      let name = `${variable}/Assign`;
      for (let count = 1; taken.has(name); count++) name = `${variable}/Assign_${count}`;
      taken.add(name);
      return { name, op: 'Assign', input: [variable, nameOf(nodes, value)] };
    }),
  );
};

/**
 * The graph as a `tensorflow.GraphDef` for TensorBoard: names with scopes, TensorFlow's operations,
 * shapes (-1 where the batch decides), attributes that a person can read. Values of constants are
 * left out.
 */
export const toGraphDef = (graph: GraphDefinition): Uint8Array =>
  toBinary(
    GraphDefSchema,
    create(GraphDefSchema, {
      node: [...graph.nodes.map((node) => nodeToShow(node, graph.nodes)), ...assignments(graph)],
      // TensorFlow 2's own number: older readers are told apart by it.
      versions: { producer: 1882 },
    }),
  );
