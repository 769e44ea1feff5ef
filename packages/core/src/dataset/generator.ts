import * as tf from '@tensorflow/tfjs';
import { type Element, elementOf, isTensor, type Member, releaseElement } from './element';
import { DatasetError, describeValue } from './errors';
import type { HostDType, HostValue } from './host-array';
import { formatShape, formatSpec, type InputSignature, shapeFits } from './input-signature';
import { type AnyIterator, disposeYielded, iteratorStage, openIterable } from './iterators';
import { andThen, dropFirst, type Plan } from './stage';

/** A member of what a generator yields. */
export type GeneratorValue = tf.Tensor | HostValue;

/** What a generator yields: a dictionary or a tuple. */
export type GeneratorElement = Readonly<Record<string, GeneratorValue>> | readonly GeneratorValue[];

/** Starts an epoch; epochs are numbered from 0. */
export type GeneratorFunction<E> = (epoch: number) => Iterable<E> | AsyncIterable<E>;

/** What `Dataset.fromGenerator()` is told of the elements. */
export interface GeneratorOptions {
  /** dtypes by member; the default is each value's own: float32 of numbers, as everywhere. */
  readonly dtypes?: Readonly<Record<string, HostDType>> | readonly HostDType[];
  /** Shapes by member, null for dimensions that vary. Each element is checked against them. */
  readonly shapes?:
    | Readonly<Record<string, readonly (number | null)[]>>
    | readonly (readonly (number | null)[])[];
}

/** What a member is declared to be. */
interface Declared {
  readonly dtype?: HostDType | undefined;
  readonly shape?: readonly (number | null)[] | undefined;
}

const declaredMembers = ({ dtypes, shapes }: GeneratorOptions): ReadonlyMap<string, Declared> => {
  const declared = new Map<string, Declared>();
  for (const [key, dtype] of Object.entries(dtypes ?? {})) declared.set(key, { dtype });
  for (const [key, shape] of Object.entries(shapes ?? {})) {
    declared.set(key, { ...declared.get(key), shape });
  }
  return declared;
};

const subject = 'element of the generator';

const convert = (member: Member, key: string, { dtype, shape }: Declared): Member => {
  const isConvertible =
    dtype === undefined ||
    dtype === member.dtype ||
    (!isTensor(member) && dtype !== 'string' && member.dtype !== 'string');
  if (!isConvertible || (shape && !shapeFits(member.shape, shape))) {
    throw new DatasetError({
      subject: `${subject}, member "${key}"`,
      expected: `${dtype ?? member.dtype}${shape ? ` ${formatShape(shape)}` : ''}`,
      actual: formatSpec(member),
      fix: 'Yield what `dtypes` and `shapes` say, or change them.',
    });
  }
  return isTensor(member) ? member : { ...member, dtype: dtype ?? member.dtype };
};

const readElement = (yielded: unknown, declared: ReadonlyMap<string, Declared>): Element => {
  try {
    // A generator may fill the same array again for its next element.
    const element = elementOf(yielded, subject, { copy: true });
    const { keys } = element.layout;
    for (const key of declared.keys()) {
      if (keys.includes(key)) continue;
      throw new DatasetError({
        subject,
        expected: `a member "${key}", since \`dtypes\` or \`shapes\` names it`,
        actual: `the members ${keys.join(', ')}`,
        fix: 'Yield what `dtypes` and `shapes` say, or change them.',
      });
    }
    const members = element.members.map((member, position) => {
      const key = keys[position] ?? '';
      return convert(member, key, declared.get(key) ?? {});
    });
    return { layout: element.layout, members };
  } catch (error) {
    tf.dispose(yielded as tf.TensorContainer);
    throw error;
  }
};

/** Elements that a function's iterable yields. Tensors are handed over; all other values are copied. */
export const generated = (
  fn: GeneratorFunction<unknown>,
  options: GeneratorOptions,
): Plan<Element> => {
  const declared = declaredMembers(options);
  return {
    size: undefined,
    release: releaseElement,
    open: ({ epoch, skip }) => {
      const results = dropFirst(iteratorStage(openElements(fn(epoch))), skip, disposeYielded);
      return {
        next: () =>
          andThen(results.next(), (result) => result && readElement(result.value, declared)),
        close: () => results.close(),
      };
    },
  };
};

const openElements = (iterable: unknown): AnyIterator => {
  const iterator = openIterable(iterable);
  if (iterator) return iterator;
  throw new DatasetError({
    subject: 'fromGenerator(fn)',
    expected: 'a function that returns a sync or async iterable',
    actual: describeValue(iterable),
    fix: 'Pass a generator function: function* () { yield { x, y }; }.',
  });
};

/** The specs of all members, if the options give both dtype and shape of each that they name. */
export const generatorSpec = (options: GeneratorOptions): InputSignature | undefined => {
  const spec: Record<string, InputSignature[string]> = {};
  for (const [key, { dtype, shape }] of declaredMembers(options)) {
    if (!dtype || !shape) return undefined;
    spec[key] = { dtype, shape };
  }
  return Object.keys(spec).length > 0 ? spec : undefined;
};
