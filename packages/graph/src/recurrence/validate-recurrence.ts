import { isSymbolicNumber } from '../ir/symbolic-numbers';
import type { AttributeValue, KernelNode } from '../ir/types';
import { isScanKernel } from './scan-kernels';

type Fields = { readonly [key: string]: AttributeValue };

const isFields = (value: AttributeValue): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isSymbolicNumber(value);

const isList = (value: AttributeValue): value is readonly AttributeValue[] => Array.isArray(value);

const isCount = (value: AttributeValue): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** @param end the operation must be one of those before this index */
const isRef = (value: AttributeValue, end: number): boolean =>
  isFields(value) && isCount(value.node) && value.node < end && isCount(value.output);

const isInput = (value: AttributeValue, end: number): boolean =>
  isFields(value) &&
  typeof value.isList === 'boolean' &&
  isList(value.refs) &&
  value.refs.every((ref) => isRef(ref, end));

const isNode = (value: AttributeValue, index: number): boolean => {
  if (!isFields(value)) return false;
  switch (value.kind) {
    case 'operand':
      return true;
    case 'constant':
      return (
        ['float32', 'int32', 'bool'].includes(String(value.dtype)) &&
        isList(value.shape) &&
        value.shape.every(isSymbolicNumber) &&
        isList(value.values) &&
        value.values.every(isSymbolicNumber)
      );
    case 'kernel':
      return (
        typeof value.kernel === 'string' &&
        isList(value.inputNames) &&
        value.inputNames.every((name) => typeof name === 'string' && name !== '__proto__') &&
        isList(value.inputs) &&
        value.inputs.every((input) => isInput(input, index)) &&
        isFields(value.attributes)
      );
    default:
      return false;
  }
};

const isBody = (value: AttributeValue): boolean => {
  if (!isFields(value) || !isList(value.nodes) || !isList(value.outputs)) return false;
  const { nodes, outputs } = value;
  return nodes.every(isNode) && outputs.every((ref) => isRef(ref, nodes.length));
};

const isCounts = (value: AttributeValue): boolean =>
  isFields(value) && isCount(value.inputs) && isCount(value.states) && isCount(value.shared);

/** Whether the attributes of a kernel are those of a recurrence, if it is one. */
export const hasValidRecurrence = ({ kernel, attributes }: KernelNode): boolean => {
  if (!isScanKernel(kernel)) return true;
  const { body, counts, returnsSequence, keepsStates = false, operands = [] } = attributes;
  const flags = [returnsSequence, keepsStates];
  return (
    isBody(body) &&
    isCounts(counts) &&
    flags.every((flag) => typeof flag === 'boolean') &&
    isList(operands) &&
    operands.every(isCount)
  );
};
