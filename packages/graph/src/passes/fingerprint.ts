import { isFilled, isNumeric } from '../graph/constant-values';
import { isSized } from '../graph/sized';
import type { AttributeValue, ConstantValues, GraphNode } from '../graph/types';

/** Text that differs for values that differ: unlike JSON's, of -0, NaN, ±Infinity and undefined. */
const textOf = (value: AttributeValue | readonly number[]): string => {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (isSized(value)) return `${value.reciprocal ? '1/' : ''}(${value.batch.map(textOf)})`;
  if (Array.isArray(value)) return `[${value.map(textOf)}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${textOf(part)}`)}}`;
};

const textOfValues = (values: ConstantValues): string => {
  if (isFilled(values)) return `fill ${textOf(values.fill)}`;
  if (!isNumeric(values)) return textOf(values);
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('latin1');
};

/** tfjs hands these to TensorFlow's own stateful operations: each call draws anew. */
const stateful = new Set(['Multinomial']);

/**
 * A text that two nodes share exactly when they compute the same; undefined for one that may give
 * something else each time. Names play no part, save those of placeholders and variables.
 */
export const fingerprint = (node: GraphNode): string | undefined => {
  const outputs = node.outputs.map(({ dtype, shape }) => `${dtype}${textOf(shape)}`).join();
  switch (node.kind) {
    case 'placeholder':
    case 'variable':
      return `${node.kind} ${JSON.stringify(node.name)}`;
    case 'constant':
      return `constant ${outputs} ${textOfValues(node.values)}`;
    case 'random':
      return `random ${outputs} ${node.distribution} ${node.index} ${textOf(node.parameters)}`;
    case 'kernel': {
      if (stateful.has(node.kernel)) return undefined;
      const inputs = Object.entries(node.inputs)
        .map(([name, input]) => `${name}=${JSON.stringify(input)}`)
        .sort();
      return `kernel ${node.kernel} ${outputs} ${inputs} ${textOf(node.attributes)}`;
    }
  }
};
