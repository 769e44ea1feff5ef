import type { NodeDef } from '@elistimator/protos';
import { isSized } from '../graph/sized';
import type {
  AttributeValue,
  ConstantValues,
  Distribution,
  DistributionParameters,
  GraphNode,
  KernelInput,
  KernelNode,
  Sized,
  TensorRef,
  TensorSpec,
} from '../graph/types';
import { attributeFromJson } from './attribute-json';
import { elementsFromProto } from './constant-proto';
import { isDtype } from './dtypes';
import { detailsAttribute } from './format';
import { malformed } from './malformed';

type Details = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Details =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const field = (object: Details, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const readDetails = ({ name, attr }: NodeDef): Details => {
  const value = Object.hasOwn(attr, detailsAttribute) ? attr[detailsAttribute]?.value : undefined;
  if (value?.case !== 's') return malformed(name, `the attribute ${detailsAttribute}`, 'none');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(value.value);
  const details: unknown = JSON.parse(text);
  return isObject(details) ? details : malformed(name, 'a JSON object', text);
};

const readSpec = (name: string, json: unknown): TensorSpec => {
  const [dtype, dimensions]: unknown[] = Array.isArray(json) ? json : [];
  const shape = attributeFromJson(dimensions);
  if (!isDtype(dtype)) return malformed(name, 'a dtype', dtype);
  if (!Array.isArray(shape) || !shape.every(isSized)) return malformed(name, 'a shape', dimensions);
  return { dtype, shape: shape as readonly Sized[] };
};

const readSpecs = (name: string, details: Details): TensorSpec[] => {
  const outputs = field(details, 'outputs');
  if (!Array.isArray(outputs)) return malformed(name, 'outputs', outputs);
  return outputs.map((output) => readSpec(name, output));
};

const onlySpec = (name: string, details: Details): readonly [TensorSpec] => {
  const [spec, ...more] = readSpecs(name, details);
  return spec && more.length === 0 ? [spec] : malformed(name, 'one output', more.length + 1);
};

const readInputs = (
  name: string,
  json: unknown,
  refs: readonly TensorRef[],
): KernelNode['inputs'] => {
  if (!isObject(json)) return malformed(name, 'inputs', json);
  const refAt = (place: unknown): TensorRef => {
    const ref = typeof place === 'number' ? refs[place] : undefined;
    return ref ?? malformed(name, `a place below ${refs.length} among its inputs`, place);
  };
  const entries = Object.entries(json).map(([key, places]): [string, KernelInput] => {
    if (places === null) return [key, null];
    return [key, Array.isArray(places) ? places.map(refAt) : refAt(places)];
  });
  return Object.fromEntries(entries);
};

const readAttributes = (name: string, json: unknown): KernelNode['attributes'] => {
  if (!isObject(json)) return malformed(name, 'attributes', json);
  if (Object.hasOwn(json, '__proto__'))
    return malformed(name, 'usual attribute names', '__proto__');
  const entries = Object.entries(json).map(([key, value]): [string, AttributeValue] => [
    key,
    attributeFromJson(value),
  ]);
  return Object.fromEntries(entries);
};

const readValues = (node: NodeDef, details: Details, spec: TensorSpec): ConstantValues => {
  if (Object.hasOwn(details, 'fill')) {
    const fill = attributeFromJson(details.fill);
    const usable = typeof fill === 'string' || isSized(fill);
    return usable
      ? { fill }
      : malformed(node.name, 'a number or a text to fill with', details.fill);
  }
  const value = Object.hasOwn(node.attr, 'value') ? node.attr.value?.value : undefined;
  if (value?.case !== 'tensor') return malformed(node.name, 'values', value?.case);
  return elementsFromProto(value.value, spec);
};

const readParameters = (name: string, json: unknown): DistributionParameters => {
  const parameters = isObject(json) ? attributeFromJson(json) : undefined;
  return isObject(parameters) &&
    Object.values(parameters).every((value) => typeof value === 'number')
    ? (parameters as DistributionParameters)
    : malformed(name, 'parameters of a distribution', json);
};

/**
 * A node as it was stored. Whether it fits its graph is checked when the graph is made.
 *
 * @param refs the tensors that `node.input` names
 * @throws GraphFormatError, SyntaxError or TypeError when it is no node
 */
export const nodeFromProto = (node: NodeDef, refs: readonly TensorRef[]): GraphNode => {
  const { name } = node;
  const details = readDetails(node);
  const kind = field(details, 'kind');
  switch (kind) {
    case 'placeholder':
      return { kind, name, outputs: onlySpec(name, details) };
    case 'variable':
      return {
        kind,
        name,
        trainable: field(details, 'trainable') === true,
        outputs: onlySpec(name, details),
      };
    case 'constant': {
      const outputs = onlySpec(name, details);
      return { kind, name, outputs, values: readValues(node, details, outputs[0]) };
    }
    case 'random':
      return {
        kind,
        name,
        distribution: field(details, 'distribution') as Distribution,
        parameters: readParameters(name, field(details, 'parameters')),
        index: Number(field(details, 'index')),
        outputs: onlySpec(name, details),
      };
    case 'kernel':
      return {
        kind,
        name,
        kernel: String(field(details, 'kernel')),
        inputs: readInputs(name, field(details, 'inputs'), refs),
        attributes: readAttributes(name, field(details, 'attributes')),
        outputs: readSpecs(name, details),
      };
    default:
      return malformed(name, 'a kind of operation', kind);
  }
};
