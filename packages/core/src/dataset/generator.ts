import { listNames } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import { type Element, elementOf, isTensor, type Member, releaseElement } from './element';
import { DatasetError, describeValue, userError } from './errors';
import { aliasedElement, nextTensorId } from './hand-over';
import { assertIntegers, type HostDType, type HostValue, isNumericArray } from './host-array';
import { formatShape, formatSpec, type InputSignature, shapeFits } from './input-signature';
import { foreignStage } from './iterators';
import { type OpenedIterator, openOnce } from './one-shot';
import type { Plan } from './stage';

/** A member of an element that a generator yields. */
export type GeneratorValue = tf.Tensor | HostValue;

/** An element that a generator yields: a dictionary or a tuple. */
export type GeneratorElement = Readonly<Record<string, GeneratorValue>> | readonly GeneratorValue[];

/** Starts an epoch; epochs are numbered from 0. */
export type GeneratorFunction<E> = (epoch: number) => Iterable<E> | AsyncIterable<E>;

/** What is known of the elements of `Dataset.fromGenerator()` in advance. Each is checked against it. */
export interface GeneratorOptions {
  /**
   * The dtypes of members by name, or in order. Numbers and booleans are converted; tensors must match.
   * By default float32 for numbers and float arrays, int32 for integer arrays, bool for booleans and
   * string for strings.
   */
  readonly dtypes?: Readonly<Record<string, HostDType>> | readonly HostDType[];
  /** The shapes of members by name, or in order, with null for dimensions that vary. */
  readonly shapes?:
    | Readonly<Record<string, readonly (number | null)[]>>
    | readonly (readonly (number | null)[])[];
}

interface DeclaredMember {
  readonly dtype?: HostDType | undefined;
  readonly shape?: readonly (number | null)[] | undefined;
}

const hostDTypes: readonly HostDType[] = ['float32', 'int32', 'bool', 'string'];

const isShape = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((size) => size === null || (Number.isSafeInteger(size) && size >= 0));

/** @throws DatasetError if a dtype or a shape is none */
const declaredMembers = ({
  dtypes,
  shapes,
}: GeneratorOptions): ReadonlyMap<string, DeclaredMember> => {
  const declared = new Map<string, DeclaredMember>();
  for (const [key, dtype] of Object.entries(dtypes ?? {})) {
    if (!hostDTypes.includes(dtype)) {
      throw new DatasetError({
        subject: `dtype of "${key}" in fromGenerator()`,
        expected: listNames(hostDTypes),
        actual: JSON.stringify(dtype) ?? String(dtype),
        fix: 'Use one of these.',
      });
    }
    declared.set(key, { dtype });
  }
  for (const [key, shape] of Object.entries(shapes ?? {})) {
    if (!isShape(shape)) {
      throw new DatasetError({
        subject: `shape of "${key}" in fromGenerator()`,
        expected: 'an array of sizes',
        actual: JSON.stringify(shape) ?? String(shape),
        fix: 'Pass one size per dimension, and null for one that varies.',
      });
    }
    declared.set(key, { ...declared.get(key), shape });
  }
  return declared;
};

/** The signature of the elements, if the options declare both dtype and shape of all members they name. */
export const generatorSignature = (options: GeneratorOptions): InputSignature | undefined => {
  const signature: Record<string, InputSignature[string]> = {};
  for (const [key, { dtype, shape }] of declaredMembers(options)) {
    if (!dtype || !shape) return undefined;
    signature[key] = { dtype, shape };
  }
  return Object.keys(signature).length > 0 ? signature : undefined;
};

const mismatchFix = 'Yield elements that match `dtypes` and `shapes`, or change these options.';

const convert = (member: Member, subject: string, { dtype, shape }: DeclaredMember): Member => {
  const isConvertible =
    dtype === undefined ||
    dtype === member.dtype ||
    (!isTensor(member) && dtype !== 'string' && member.dtype !== 'string');
  if (!isConvertible || (shape && !shapeFits(member.shape, shape))) {
    throw new DatasetError({
      subject,
      expected: `${dtype ?? member.dtype}${shape ? ` ${formatShape(shape)}` : ''}`,
      actual: formatSpec(member),
      fix: mismatchFix,
    });
  }
  if (isTensor(member)) return member;
  if (dtype === 'int32' && isNumericArray(member.data)) assertIntegers(member.data, subject);
  return { ...member, dtype: dtype ?? member.dtype };
};

const readElement = (
  yielded: unknown,
  subject: string,
  declared: ReadonlyMap<string, DeclaredMember>,
): Element => {
  // A generator may fill the same array again for its next element.
  const element = elementOf(yielded, subject, { copy: true });
  const { keys } = element.layout;
  for (const key of declared.keys()) {
    if (keys.includes(key)) continue;
    throw new DatasetError({
      subject,
      expected: `a member "${key}", which \`dtypes\` or \`shapes\` declares`,
      actual: `the members ${keys.join(', ')}`,
      fix: mismatchFix,
    });
  }
  const members = element.members.map((member, position) => {
    const key = keys[position] ?? '';
    return convert(member, `${subject}, member "${key}"`, declared.get(key) ?? {});
  });
  return aliasedElement({ layout: element.layout, members }, subject);
};

const openElements = (fn: GeneratorFunction<unknown>, epoch: number): OpenedIterator => {
  let iterable: unknown;
  try {
    iterable = fn(epoch);
  } catch (error) {
    throw userError(`function passed to fromGenerator(), epoch ${epoch}`, error);
  }
  const opened = openOnce(iterable, 'fromGenerator(fn)');
  if (opened) return opened;
  throw new DatasetError({
    subject: 'fromGenerator(fn)',
    expected: 'a function that returns a sync or async iterable',
    actual: describeValue(iterable),
    fix: 'Pass a generator function: function* () { yield { x, y }; }.',
  });
};

/**
 * Elements that a function's iterable yields. Tensors are taken over, unless they existed before the
 * function was called; all other values are copied.
 */
export const generated = (
  fn: GeneratorFunction<unknown>,
  options: GeneratorOptions,
): Plan<Element> => {
  const declared = declaredMembers(options);
  return {
    size: undefined,
    release: releaseElement,
    open: ({ epoch, skip }) => {
      const since = nextTensorId();
      const { iterator, onLeft } = openElements(fn, epoch);
      return foreignStage(iterator, {
        skip,
        since,
        subjectOf: (index) => `element ${index} of the generator`,
        read: (value, subject) => readElement(value, subject, declared),
        onLeft,
      });
    },
  };
};
