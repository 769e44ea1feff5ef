import * as tf from '@tensorflow/tfjs';
import { DatasetError } from './dataset-error';
import { type Element, isTensor, type Member } from './element';
import { type HostArray, sizeOf, tensorOf } from './host-array';
import { allocateFor, allocateLike, isNumericArray } from './numeric-array';
import { formatSpec } from './tensor-spec';

/**
 * One element whose members have a new first dimension of `elements.length`. Values in the host's
 * memory are copied into one array a member; tensors are stacked by their backend. The elements stay
 * the caller's to release.
 *
 * @param elements at least one
 * @throws DatasetError naming the member whose dtype or shape differs from the first element's
 */
export const stack = (elements: readonly Element[]): Element => {
  const [first] = elements;
  if (!first) throw new RangeError('stack: expected at least one element, got none.');
  const { layout } = first;
  for (const element of elements) checkAlike(element, first);
  return {
    layout,
    members: layout.keys.map((_, position) =>
      stackMembers(elements.flatMap(({ members }) => members[position] ?? [])),
    ),
  };
};

const isSame = <V>(a: readonly V[], b: readonly V[]): boolean =>
  a === b || (a.length === b.length && a.every((value, position) => value === b[position]));

const checkAlike = (element: Element, first: Element): void => {
  const { keys } = first.layout;
  if (!isSame(element.layout.keys, keys)) {
    throw new DatasetError({
      subject: 'batch()',
      expected: `elements with the members ${keys.join(', ')}`,
      actual: `one with ${element.layout.keys.join(', ')}`,
      fix: 'Give every element the same members in the same order.',
    });
  }
  first.members.forEach((expected, position) => {
    const actual = element.members[position];
    if (actual?.dtype === expected.dtype && isSame(actual.shape, expected.shape)) return;
    throw new DatasetError({
      subject: `batch(), member "${keys[position]}"`,
      expected: `${formatSpec(expected)}, as in the batch's first element`,
      actual: actual ? formatSpec(actual) : 'nothing',
      fix: 'Bring elements to one shape and dtype with map() before batch().',
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
  // Concatenated datasets may store the same dtype in different classes of array.
  const isUniform = hosts.every((host) => host.data.constructor === data.constructor);
  const length = size * hosts.length;
  const values = isUniform ? allocateLike(data, length) : allocateFor(dtype, length);
  hosts.forEach((host, position) => {
    if (isNumericArray(host.data)) values.set(host.data, position * size);
  });
  return { ...stacked, data: values };
};
