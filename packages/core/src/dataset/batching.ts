import { sameShape, sizeOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { type Element, isTensor, type Member, releaseElement } from './element';
import { DatasetError } from './errors';
import { allocateFor, allocateLike, type HostArray, isNumericArray, tensorOf } from './host-array';
import { formatSpec } from './input-signature';
import { gatherRows, type Table } from './source';
import { andThen, drain, type Plan, type Stage } from './stage';

/** How `Dataset.batch()` treats the last elements. */
export interface BatchOptions {
  /** Whether to drop a last batch that has fewer elements than the others. False by default. */
  readonly dropRemainder?: boolean;
}

/** Groups of `batchSize` elements, each made into one element by `join` and released afterwards. */
const grouped = <E>(
  plan: Plan<E>,
  batchSize: number,
  dropRemainder: boolean,
  join: (group: readonly E[]) => Element,
): Plan<Element> => ({
  size:
    plan.size === undefined
      ? undefined
      : dropRemainder
        ? Math.floor(plan.size / batchSize)
        : Math.ceil(plan.size / batchSize),
  release: releaseElement,
  open: ({ epoch, skip }): Stage<Element> => {
    const source = plan.open({ epoch, skip: skip * batchSize });
    const group: E[] = [];
    const add = (element: E | undefined): boolean => {
      if (element !== undefined) group.push(element);
      return element !== undefined && group.length < batchSize;
    };
    const releaseGroup = () => {
      for (const element of group) plan.release(element);
      group.length = 0;
    };
    const joinGroup = (): Element | undefined => {
      const isWanted = group.length === batchSize || (group.length > 0 && !dropRemainder);
      const joined = isWanted ? join(group) : undefined;
      releaseGroup();
      return joined;
    };
    return {
      next: () => andThen(drain(source, add), joinGroup),
      close: () => {
        releaseGroup();
        return source.close();
      },
    };
  },
});

/** Batches of a table's rows, sliced or gathered column by column. */
export const batchedRows = (
  plan: Plan<number>,
  table: Table,
  batchSize: number,
  dropRemainder: boolean,
): Plan<Element> => grouped(plan, batchSize, dropRemainder, (rows) => gatherRows(table, rows));

/** Batches of elements, stacked. */
export const batched = (
  plan: Plan<Element>,
  batchSize: number,
  dropRemainder: boolean,
): Plan<Element> => grouped(plan, batchSize, dropRemainder, stack);

/**
 * Stacks elements along a new first dimension. Host arrays are copied into one array per member;
 * tensors are stacked by their backend. The elements remain the caller's to release.
 *
 * @throws DatasetError that names the member whose dtype or shape differs from the first element's
 */
const stack = (elements: readonly Element[]): Element => {
  const [first] = elements;
  if (!first) throw new RangeError('stack: expected at least one element.');
  const { layout } = first;
  for (const element of elements) assertAlike(element, first);
  return {
    layout,
    members: layout.keys.map((_, position) =>
      stackMembers(elements.flatMap(({ members }) => members[position] ?? [])),
    ),
  };
};

const sameKeys = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((key, position) => key === b[position]));

const assertAlike = (element: Element, first: Element): void => {
  const { keys } = first.layout;
  if (!sameKeys(element.layout.keys, keys)) {
    throw new DatasetError({
      subject: 'batch()',
      expected: `elements with the members ${keys.join(', ')}`,
      actual: `one with ${element.layout.keys.join(', ')}`,
      fix: 'All elements must have the same members in the same order.',
    });
  }
  first.members.forEach((expected, position) => {
    const actual = element.members[position];
    if (actual?.dtype === expected.dtype && sameShape(actual.shape, expected.shape)) return;
    throw new DatasetError({
      subject: `batch(), member "${keys[position]}"`,
      expected: `${formatSpec(expected)}, as in the batch's first element`,
      actual: actual ? formatSpec(actual) : 'nothing',
      fix: 'Use map() before batch() to give all elements the same shape and dtype.',
    });
  });
};

const stackMembers = (members: readonly Member[]): Member => {
  const hosts = members.flatMap((member) => (isTensor(member) ? [] : [member]));
  if (hosts.length === members.length) return stackHosts(hosts);
  return tf.tidy(() =>
    tf.stack(members.map((member) => (isTensor(member) ? member : tensorOf(member)))),
  );
};

const stackHosts = (hosts: readonly HostArray[]): HostArray => {
  const { dtype, shape, data } = hosts[0] ?? { dtype: 'float32', shape: [], data: [] };
  const stacked = { dtype, shape: [hosts.length, ...shape] };
  if (dtype === 'string' || !isNumericArray(data)) {
    return { ...stacked, data: hosts.flatMap((host) => [...host.data] as string[]) };
  }
  const size = sizeOf(shape);
  // Concatenated datasets may store the same dtype in different array classes.
  const isUniform = hosts.every((host) => host.data.constructor === data.constructor);
  const length = size * hosts.length;
  const values = isUniform ? allocateLike(data, length) : allocateFor(dtype, length);
  hosts.forEach((host, position) => {
    if (isNumericArray(host.data)) values.set(host.data, position * size);
  });
  return { ...stacked, data: values };
};
