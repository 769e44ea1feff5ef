import * as tf from '@tensorflow/tfjs';
import { DatasetError } from './dataset-error';
import { describe } from './describe';
import { type HostArray, tensorOf } from './host-array';
import { hostArrayOf } from './host-array-of';
import { isNumericArray } from './numeric-array';

/** The names of an element's members; positions '0', '1', … for a tuple. */
export interface Layout {
  readonly keys: readonly string[];
  readonly positional: boolean;
}

/** A member on its way: values in the host's memory, or a tensor that the pipeline owns. */
export type Member = HostArray | tf.Tensor;

/** What flows through a pipeline: members in the order of the layout's keys. */
export interface Element {
  readonly layout: Layout;
  readonly members: readonly Member[];
}

/** What a user gets: tensors by name, or in order. */
export type TensorContainer = Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[];

export const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;

/**
 * The keys and values of a dictionary or tuple.
 *
 * @throws DatasetError when it is neither, or empty
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
    !(container instanceof Promise);
  if (!isContainer) {
    throw new DatasetError({
      subject,
      expected: 'a dictionary or a tuple of tensors',
      actual: describe(container),
      fix: isTensor(container)
        ? 'Wrap it: { x: tensor } or [tensor].'
        : 'Give { x: …, y: … } or [x, y].',
    });
  }
  const positional = Array.isArray(container);
  const keys = Object.keys(container);
  if (keys.length === 0) {
    throw new DatasetError({
      subject,
      expected: 'at least one member',
      actual: positional ? 'an empty tuple' : 'an empty dictionary',
      fix: 'Give { x: …, y: … } or [x, y].',
    });
  }
  return { layout: { keys, positional }, values: Object.values(container) };
};

/**
 * The element that a user's dictionary or tuple is.
 *
 * @param subject what the container is, for messages
 * @throws DatasetError naming the member that no tensor can be made of
 */
export const elementOf = (container: unknown, subject: string): Element => {
  const { layout, values } = openContainer(container, subject);
  const members = values.map((value, position) =>
    isTensor(value) ? value : hostArrayOf(value, `${subject}, member "${layout.keys[position]}"`),
  );
  return { layout, members };
};

/** The members as tensors; made where they were none yet. */
export const tensorsOf = (element: Element): tf.Tensor[] =>
  element.members.map((member) => (isTensor(member) ? member : tensorOf(member)));

/** Tensors in the shape in which the user gave their members: a dictionary or an array. */
export const containerOf = (layout: Layout, tensors: readonly tf.Tensor[]): TensorContainer => {
  if (layout.positional) return tensors;
  const container: Record<string, tf.Tensor> = {};
  layout.keys.forEach((key, position) => {
    const tensor = tensors[position];
    if (tensor) container[key] = tensor;
  });
  return container;
};

/** Frees the tensors among the members. */
export const releaseElement = (element: Element): void => {
  for (const member of element.members) if (isTensor(member)) member.dispose();
};
