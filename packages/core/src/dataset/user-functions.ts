import type * as tf from '@tensorflow/tfjs';
import {
  containerOf,
  type Element,
  isTensor,
  type Layout,
  openContainer,
  releaseElement,
  tensorsOf,
} from './element';
import { DatasetError, describeValue } from './errors';
import { aliasedElement, disposedError, HandOver, isDisposed, isKept } from './hand-over';
import { andThen, drain, dropFirst, type MaybePromise, type Plan } from './stage';
import { inScope, type ScopeResult, withCleanup } from './user-call';

/** A function that the user passed to a dataset method, which typed its parameter. */
type UserFunction<R> = (container: never) => MaybePromise<R>;

/** Elements replaced by the results of `fn`, which is not called for skipped elements. */
export const mapped = (plan: Plan<Element>, fn: UserFunction<unknown>): Plan<Element> => ({
  size: plan.size,
  release: releaseElement,
  open: (start) => {
    const source = plan.open(start);
    let owned: ReadonlySet<tf.Tensor> = new Set();
    const handOver = new HandOver((tensor) => owned.has(tensor));
    let index = start.skip;
    const map = (element: Element | undefined): MaybePromise<Element | undefined> => {
      if (element === undefined) {
        handOver.close();
        return undefined;
      }
      const subject = `function passed to map(), element ${index}`;
      index += 1;
      return andThen(applyTo(element, fn, subject), (result) => {
        owned = result.owned;
        handOver.receive(result.tensors);
        return aliasedElement({ layout: result.layout, members: result.tensors }, subject);
      });
    };
    return {
      next: () => andThen(source.next(), map),
      close: () => {
        handOver.close();
        return source.close();
      },
    };
  },
});

/** What a function passed to map() returned. */
interface MapResult {
  readonly layout: Layout;
  readonly tensors: readonly tf.Tensor[];
  /** Those that the function made, or got as its input. */
  readonly owned: ReadonlySet<tf.Tensor>;
}

const applyTo = (
  element: Element,
  fn: UserFunction<unknown>,
  subject: string,
): MaybePromise<MapResult> => {
  const inputs = tensorsOf(element);
  return withCleanup(
    () =>
      inScope(
        () => fn(containerOf(element.layout, inputs) as never),
        (result, isMade) =>
          readResult(result, subject, (tensor) => isMade(tensor) || inputs.includes(tensor)),
        subject,
      ),
    (result) => {
      for (const input of inputs) if (!result?.tensors.includes(input)) input.dispose();
    },
  );
};

const readResult = (
  result: unknown,
  subject: string,
  isOwned: (tensor: tf.Tensor) => boolean,
): ScopeResult<MapResult> => {
  const { layout, values } = openContainer(result, `result of the ${subject}`);
  const tensors = values.map((value, position) => {
    const member = `result of the ${subject}, member "${layout.keys[position]}"`;
    if (isDisposed(value)) throw disposedError(member);
    if (isTensor(value)) return value;
    throw new DatasetError({
      subject: member,
      expected: 'a tensor',
      actual: describeValue(value),
      fix: 'Return only tensors, as in ({ x, y }) => ({ x: x.div(255), y }).',
    });
  });
  const owned = new Set(tensors.filter(isOwned));
  return { value: { layout, tensors, owned }, kept: [...owned] };
};

/**
 * The elements for which `predicate` holds. They pass through unchanged: row numbers stay row numbers.
 *
 * @param view returns the element that the predicate sees
 */
export const filtered = <E>(
  plan: Plan<E>,
  view: (element: E) => Element,
  predicate: UserFunction<boolean | tf.Tensor>,
): Plan<E> => ({
  size: plan.size === 0 ? 0 : undefined,
  release: plan.release,
  open: ({ epoch, skip }) => {
    const source = plan.open({ epoch, skip: 0 });
    let candidate: E | undefined;
    let index = -1;
    const accept = (element: E | undefined): MaybePromise<boolean> => {
      candidate = element;
      if (element === undefined) return false;
      index += 1;
      const subject = `function passed to filter(), element ${index}`;
      return withCleanup(
        () => andThen(judge(view(element), predicate, subject), (isWanted) => !isWanted),
        (isUnwanted) => {
          if (isUnwanted !== false) plan.release(element);
        },
      );
    };
    const stage = {
      next: () => andThen(drain(source, accept), () => candidate),
      close: () => source.close(),
    };
    return dropFirst(stage, skip, plan.release);
  },
});

const judge = (
  element: Element,
  predicate: UserFunction<unknown>,
  subject: string,
): MaybePromise<boolean> => {
  const inputs = tensorsOf(element);
  return withCleanup(
    () =>
      inScope(
        () => predicate(containerOf(element.layout, inputs) as never),
        (verdict, isMade) =>
          readVerdict(verdict, subject, (tensor) => isMade(tensor) && !inputs.includes(tensor)),
        subject,
      ),
    (verdict) => {
      for (const input of inputs) if (!element.members.includes(input)) input.dispose();
      if (verdict === true) {
        element.members.forEach((member, position) => {
          if (!isDisposed(member)) return;
          const name = `${subject}, member "${element.layout.keys[position]}"`;
          throw disposedError(name, 'The function must not dispose the tensors of its element.');
        });
      }
    },
  );
};

const readVerdict = (
  verdict: unknown,
  subject: string,
  isMade: (tensor: tf.Tensor) => boolean,
): ScopeResult<boolean> => {
  if (typeof verdict === 'boolean') return { value: verdict, kept: [] };
  if (isDisposed(verdict)) throw disposedError(`result of the ${subject}`);
  if (isTensor(verdict) && verdict.size === 1) {
    const value = verdict.dataSync()[0] !== 0;
    if (isMade(verdict) && !isKept(verdict)) verdict.dispose();
    return { value, kept: [] };
  }
  throw new DatasetError({
    subject: `result of the ${subject}`,
    expected: 'a boolean, or a tensor with one value',
    actual: isTensor(verdict) ? `a tensor of shape [${verdict.shape}]` : describeValue(verdict),
    fix: 'Reduce it with tf.all() or tf.any().',
  });
};
