import * as tf from '@tensorflow/tfjs';
import { DatasetError } from './dataset-error';
import { describe } from './describe';
import { type Element, elementOf, isTensor, type Member, releaseElement } from './element';
import { copyOf, type HostDType } from './host-array';
import type { HostValue } from './host-array-of';
import { andThen, type MaybePromise, type Plan } from './stage';
import { formatShape, formatSpec, type InputSignature, shapeFits } from './tensor-spec';

/** A member of what a generator yields. */
export type GeneratorValue = tf.Tensor | HostValue;

/** What a generator yields: a dictionary or a tuple. */
export type GeneratorElement = Readonly<Record<string, GeneratorValue>> | readonly GeneratorValue[];

/** Starts a pass; `iteration` counts passes from 0. */
export type GeneratorFunction<E> = (iteration: number) => Iterable<E> | AsyncIterable<E>;

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
  // Values are copied, since a generator may fill the same array again for its next element.
  return isTensor(member) ? member : copyOf({ ...member, dtype: dtype ?? member.dtype });
};

const readElement = (yielded: unknown, declared: ReadonlyMap<string, Declared>): Element => {
  try {
    const element = elementOf(yielded, subject);
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

/** Elements that a function's iterable yields. Tensors among them are handed over; values are copied. */
export const generated = (
  fn: GeneratorFunction<unknown>,
  options: GeneratorOptions,
): Plan<Element> => {
  const declared = declaredMembers(options);
  return {
    size: undefined,
    release: releaseElement,
    open: (iteration) => {
      const iterator = openIterable(fn(iteration));
      // Like `for await`: an iterator that ended or failed by itself is not told to return.
      let isOver = false;
      const read = (result: IteratorResult<unknown>) => {
        if (result.done) return undefined;
        isOver = false;
        return readElement(result.value, declared);
      };
      return {
        next: () => {
          isOver = true;
          return andThen(iterator.next(), read);
        },
        close: () => (isOver ? undefined : iterator.return()),
      };
    },
  };
};

/** A sync or async iterator; an async one gives native promises, whatever its own are. */
interface AnyIterator {
  next(): MaybePromise<IteratorResult<unknown>>;
  return(): MaybePromise<void>;
}

const openIterable = (iterable: Iterable<unknown> | AsyncIterable<unknown>): AnyIterator => {
  if (typeof iterable === 'object' && iterable !== null) {
    if (Symbol.asyncIterator in iterable) {
      const iterator = iterable[Symbol.asyncIterator]();
      return {
        next: async () => iterator.next(),
        return: async () => {
          await iterator.return?.();
        },
      };
    }
    if (Symbol.iterator in iterable) {
      const iterator = iterable[Symbol.iterator]();
      return {
        next: () => iterator.next(),
        return: () => {
          iterator.return?.();
        },
      };
    }
  }
  throw new DatasetError({
    subject: 'fromGenerator(fn)',
    expected: 'a function that returns a sync or async iterable',
    actual: describe(iterable),
    fix: 'Give a generator function: function* () { yield { x, y }; }.',
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
