import type { NodeDef } from '@elistimator/protos';
import { isSymbolicNumber } from '../ir/symbolic-numbers';
import type {
  AttributeValue,
  ConstantValues,
  Distribution,
  DistributionParameters,
  GraphNode,
  KernelInput,
  KernelNode,
  TensorRef,
  TensorType,
} from '../ir/types';
import { attributeFromJson } from './attribute-json';
import { detailsAttribute, failAt } from './format';
import { elementsFromProto, isTfjsDtype } from './tensor-protos';

type Details = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Details =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (object: Details, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const readDetails = ({ name, attr }: NodeDef): Details => {
  const value = Object.hasOwn(attr, detailsAttribute) ? attr[detailsAttribute]?.value : undefined;
  if (value?.case !== 's') return failAt(name, `the attribute ${detailsAttribute}`, 'none');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(value.value);
  const details: unknown = JSON.parse(text);
  return isObject(details) ? details : failAt(name, 'a JSON object', text);
};

const readType = (name: string, json: unknown): TensorType => {
  const [dtype, dimensions]: unknown[] = Array.isArray(json) ? json : [];
  const shape = attributeFromJson(dimensions);
  if (!isTfjsDtype(dtype)) return failAt(name, 'a dtype', dtype);
  if (!Array.isArray(shape)) return failAt(name, 'a shape', dimensions);
  return {
    dtype,
    shape: shape.map((dimension: unknown) =>
      isSymbolicNumber(dimension) ? dimension : failAt(name, 'a shape', dimensions),
    ),
  };
};

const readTypes = (name: string, details: Details): TensorType[] => {
  const outputs = fieldOf(details, 'outputs');
  if (!Array.isArray(outputs)) return failAt(name, 'outputs', outputs);
  return outputs.map((output) => readType(name, output));
};

const readOneType = (name: string, details: Details): readonly [TensorType] => {
  const [type, ...others] = readTypes(name, details);
  return type && others.length === 0 ? [type] : failAt(name, 'one output', others.length + 1);
};

const readInputs = (
  name: string,
  json: unknown,
  refs: readonly TensorRef[],
): KernelNode['inputs'] => {
  if (!isObject(json)) return failAt(name, 'inputs', json);
  const refAt = (index: unknown): TensorRef => {
    const ref = typeof index === 'number' ? refs[index] : undefined;
    return ref ?? failAt(name, `an index of one of its ${refs.length} inputs`, index);
  };
  const entries = Object.entries(json).map(([key, indices]): [string, KernelInput] => {
    if (indices === null) return [key, null];
    return [key, Array.isArray(indices) ? indices.map(refAt) : refAt(indices)];
  });
  return Object.fromEntries(entries);
};

const readAttributes = (name: string, json: unknown): KernelNode['attributes'] => {
  if (!isObject(json)) return failAt(name, 'attributes', json);
  if (Object.hasOwn(json, '__proto__')) {
    return failAt(name, 'attribute names other than "__proto__"', '__proto__');
  }
  const entries = Object.entries(json).map(([key, value]): [string, AttributeValue] => [
    key,
    attributeFromJson(value),
  ]);
  return Object.fromEntries(entries);
};

const readValues = (node: NodeDef, details: Details, type: TensorType): ConstantValues => {
  if (Object.hasOwn(details, 'fill')) {
    const fill = attributeFromJson(details.fill);
    const isValue = typeof fill === 'string' || isSymbolicNumber(fill);
    return isValue ? { fill } : failAt(node.name, 'a number or a string as fill', details.fill);
  }
  const value = Object.hasOwn(node.attr, 'value') ? node.attr.value?.value : undefined;
  if (value?.case !== 'tensor') return failAt(node.name, 'values', value?.case);
  return elementsFromProto(value.value, type);
};

const readDistribution = (name: string, value: unknown): Distribution =>
  value === 'uniform' || value === 'normal' || value === 'truncatedNormal'
    ? value
    : failAt(name, 'uniform, normal or truncatedNormal', value);

const readParameters = (name: string, json: unknown): DistributionParameters => {
  const parameters = isObject(json) ? attributeFromJson(json) : undefined;
  if (!isObject(parameters)) return failAt(name, 'parameters of a distribution', json);
  const entries = Object.entries(parameters).map(([parameter, value]): [string, number] => [
    parameter,
    typeof value === 'number' ? value : failAt(name, 'parameters of a distribution', json),
  ]);
  return Object.fromEntries(entries);
};

/**
 * Reads a stored node. `validate` checks later whether it fits the graph.
 *
 * @param refs the tensors that `node.input` names
 * @throws GraphFormatError, SyntaxError or TypeError if it is not a node
 */
export const readNode = (node: NodeDef, refs: readonly TensorRef[]): GraphNode => {
  const { name } = node;
  const details = readDetails(node);
  const kind = fieldOf(details, 'kind');
  switch (kind) {
    case 'placeholder':
      return { kind, name, outputs: readOneType(name, details) };
    case 'variable':
      return {
        kind,
        name,
        trainable: fieldOf(details, 'trainable') === true,
        outputs: readOneType(name, details),
      };
    case 'constant': {
      const outputs = readOneType(name, details);
      return { kind, name, outputs, values: readValues(node, details, outputs[0]) };
    }
    case 'random':
      return {
        kind,
        name,
        distribution: readDistribution(name, fieldOf(details, 'distribution')),
        parameters: readParameters(name, fieldOf(details, 'parameters')),
        index: Number(fieldOf(details, 'index')),
        outputs: readOneType(name, details),
      };
    case 'kernel':
      return {
        kind,
        name,
        kernel: String(fieldOf(details, 'kernel')),
        inputs: readInputs(name, fieldOf(details, 'inputs'), refs),
        attributes: readAttributes(name, fieldOf(details, 'attributes')),
        outputs: readTypes(name, details),
      };
    default:
      return failAt(name, 'a kind of operation', kind);
  }
};
