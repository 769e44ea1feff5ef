import * as tf from '@tensorflow/tfjs';
import { conversionOf } from './conversions';
import { DatasetError, describeValue } from './errors';
import {
  type HostArray,
  hostArrayOf,
  isNumericArray,
  type ReadOptions,
  tensorOf,
} from './host-array';

/** The names of an element's members: their positions '0', '1', … in a tuple. */
export interface Layout {
  readonly keys: readonly string[];
  readonly positional: boolean;
}

/** A member on its way through a pipeline: values in host memory, or a tensor. */
export type Member = HostArray | tf.Tensor;

/** What flows through a pipeline: members in the order of the layout's keys. The pipeline owns the tensors. */
export interface Element {
  readonly layout: Layout;
  readonly members: readonly Member[];
}

/** An element as users see it: tensors by name, or in order. */
export type TensorContainer = Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];

export const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/**
 * Reads the keys and values of a dictionary or tuple.
 *
 * @param subject what the container is, for messages
 * @throws DatasetError if it is neither, or empty
 */
export const openContainer = (
  container: unknown,
  subject: string,
): { layout: Layout; values: readonly unknown[] } => {
  const isContainer =
    typeof container === 'object' &&
    container !== null &&
    !isTensor(container) &&
    !isNumericArray(container) &&
    conversionOf(container) === undefined;
  if (!isContainer) {
    throw new DatasetError({
      subject,
      expected: 'a dictionary or a tuple of tensors',
      actual: describeValue(container),
      fix: isTensor(container)
        ? 'Wrap it: { x: tensor } or [tensor].'
        : container instanceof Map
          ? 'Use Object.fromEntries(map).'
          : container instanceof Promise
            ? 'Wait for it with await.'
            : 'Pass { x: …, y: … } or [x, y].',
    });
  }
  const positional = Array.isArray(container);
  const keys = Object.keys(container);
  if (keys.length === 0) {
    throw new DatasetError({
      subject,
      expected: 'at least one member',
      actual: positional ? 'an empty tuple' : 'an empty dictionary',
      fix: 'Pass { x: …, y: … } or [x, y].',
    });
  }
  return { layout: { keys, positional }, values: Object.values(container) };
};

/**
 * Reads a user's dictionary or tuple. Tensors stay as they are; all other members are read into host arrays.
 *
 * @param subject what the container is, for messages
 * @param options.noun what a member is called in messages: `member` by default
 * @throws DatasetError that names the member that cannot become a tensor
 */
export const elementOf = (
  container: unknown,
  subject: string,
  { noun = 'member', copy }: ReadOptions & { readonly noun?: string } = {},
): Element => {
  const { layout, values } = openContainer(container, subject);
  const members = values.map((value, position) =>
    isTensor(value)
      ? value
      : hostArrayOf(value, `${subject}, ${noun} "${layout.keys[position]}"`, { copy }),
  );
  return { layout, members };
};

/** The members as tensors. Those that were host arrays are created, and are the caller's to dispose. */
export const tensorsOf = (element: Element): tf.Tensor[] =>
  element.members.map((member) => (isTensor(member) ? member : tensorOf(member)));

/** Packs tensors the way the user passed their members: in a dictionary or an array. */
export const containerOf = (layout: Layout, tensors: readonly tf.Tensor[]): TensorContainer => {
  if (layout.positional) return tensors;
  const container: Record<string, tf.Tensor> = {};
  layout.keys.forEach((key, position) => {
    const tensor = tensors[position];
    if (tensor) container[key] = tensor;
  });
  return container;
};

/** Disposes the tensors among the members. */
export const releaseElement = (element: Element): void => {
  for (const member of element.members) if (isTensor(member)) member.dispose();
};
