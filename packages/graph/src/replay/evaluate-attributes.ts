import { evaluate, isSized } from '../graph/sized';
import type { AttributeValue, KernelNode } from '../graph/types';

const evaluateValue = (value: AttributeValue, batchSize: number | undefined): unknown => {
  if (isSized(value)) return evaluate(value, batchSize);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => evaluateValue(part, batchSize));
  return evaluateEntries(value as Readonly<Record<string, AttributeValue>>, batchSize);
};

const evaluateEntries = (
  values: Readonly<Record<string, AttributeValue>>,
  batchSize: number | undefined,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([name, part]) => [name, evaluateValue(part, batchSize)]),
  );

/** A kernel's attributes as tfjs takes them, at a batch size. */
export const evaluateAttributes = (
  { attributes }: KernelNode,
  batchSize: number | undefined,
): Record<string, unknown> => evaluateEntries(attributes, batchSize);
