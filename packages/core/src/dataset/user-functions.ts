import * as tf from '@tensorflow/tfjs';
import {
  containerOf,
  type Element,
  isTensor,
  openContainer,
  releaseElement,
  tensorsOf,
} from './element';
import { DatasetError, describeValue } from './errors';
import { andThen, drain, dropFirst, type MaybePromise, type Plan } from './stage';

/** A function that the user passed to a dataset method, which typed its parameter. */
type UserFunction<R> = (container: never) => MaybePromise<R>;

/** Elements replaced by the results of `fn`, which is not called for skipped elements. */
export const mapped = (plan: Plan<Element>, fn: UserFunction<unknown>): Plan<Element> => ({
  size: plan.size,
  release: releaseElement,
  open: (start) => {
    const source = plan.open(start);
    return {
      next: () => andThen(source.next(), (element) => element && applyTo(element, fn)),
      close: () => source.close(),
    };
  },
});

const applyTo = (element: Element, fn: UserFunction<unknown>): MaybePromise<Element> => {
  const inputs = tensorsOf(element);
  return withCleanup(
    () =>
      inScope(
        () => fn(containerOf(element.layout, inputs) as never),
        (result, isMade) =>
          readResult(result, (tensor) => isMade(tensor) || inputs.includes(tensor)),
      ),
    (result) => {
      for (const input of inputs) if (!result?.members.includes(input)) input.dispose();
    },
  );
};

/** Reads the result of a function passed to map(). A tensor from outside the pipeline is copied, not taken over. */
const readResult = (result: unknown, isOwned: (tensor: tf.Tensor) => boolean) => {
  const subject = 'result of the function passed to map()';
  const { layout, values } = openContainer(result, subject);
  const members = values.map((value, position) => {
    if (isTensor(value)) return isOwned(value) ? value : value.clone();
    throw new DatasetError({
      subject: `${subject}, member "${layout.keys[position]}"`,
      expected: 'a tensor',
      actual: describeValue(value),
      fix: 'Return only tensors, as in ({ x, y }) => ({ x: x.div(255), y }).',
    });
  });
  return { value: { layout, members }, kept: members };
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
    const accept = (element: E | undefined): MaybePromise<boolean> => {
      candidate = element;
      if (element === undefined) return false;
      return withCleanup(
        () => andThen(judge(view(element), predicate), (isWanted) => !isWanted),
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

const judge = (element: Element, predicate: UserFunction<unknown>): MaybePromise<boolean> => {
  const inputs = tensorsOf(element);
  return withCleanup(
    () =>
      inScope(
        () => predicate(containerOf(element.layout, inputs) as never),
        (verdict, isMade) =>
          readVerdict(verdict, (tensor) => isMade(tensor) && !inputs.includes(tensor)),
      ),
    () => {
      for (const input of inputs) if (!element.members.includes(input)) input.dispose();
    },
  );
};

const readVerdict = (verdict: unknown, isMade: (tensor: tf.Tensor) => boolean) => {
  if (typeof verdict === 'boolean') return { value: verdict, kept: [] };
  if (isTensor(verdict) && verdict.size === 1) {
    const value = verdict.dataSync()[0] !== 0;
    if (isMade(verdict)) verdict.dispose();
    return { value, kept: [] };
  }
  throw new DatasetError({
    subject: 'result of the function passed to filter()',
    expected: 'a boolean, or a tensor with one value',
    actual: isTensor(verdict) ? `a tensor of shape [${verdict.shape}]` : describeValue(verdict),
    fix: 'Reduce it with tf.all() or tf.any().',
  });
};

/** A value read from the result of a call, and the tensors that outlive the scope of the call. */
interface ScopeResult<V> {
  readonly value: V;
  readonly kept: readonly tf.Tensor[];
}

/**
 * Like tf.tidy, but for functions that may be asynchronous: disposes all tensors that `fn` made, except
 * those that `settle` keeps. Of an asynchronous function, only the tensors made before its first await
 * are disposed, since tfjs cannot tell later ones from other code's tensors.
 *
 * @param settle reads the result, still within the scope; `isMade` says whether `fn` made a tensor
 */
const inScope = <R, V>(
  fn: () => MaybePromise<R>,
  settle: (result: R, isMade: (tensor: tf.Tensor) => boolean) => ScopeResult<V>,
): MaybePromise<V> => {
  const engine = tf.engine();
  let kept: readonly tf.Tensor[] = [];
  engine.startScope('dataset');
  try {
    const { id, track } = engine.state.activeScope;
    const result = fn();
    if (isThenable(result)) {
      kept = [...track];
      return settleLater(result, settle, kept);
    }
    const settled = settle(result, (tensor) => tensor.scopeId === id);
    kept = settled.kept;
    return settled.value;
  } finally {
    engine.endScope([...kept]);
  }
};

const settleLater = async <R, V>(
  result: Promise<R>,
  settle: (result: R, isMade: (tensor: tf.Tensor) => boolean) => ScopeResult<V>,
  made: readonly tf.Tensor[],
): Promise<V> => {
  let kept: readonly tf.Tensor[] = [];
  try {
    const settled = settle(await result, () => true);
    kept = settled.kept;
    return settled.value;
  } finally {
    for (const tensor of made) if (!tensor.kept && !kept.includes(tensor)) tensor.dispose();
  }
};

/** Runs `fn`, then `clean` with its result, or without one if it failed. */
const withCleanup = <T>(
  fn: () => MaybePromise<T>,
  clean: (result?: T) => void,
): MaybePromise<T> => {
  const onResult = (result: T): T => {
    clean(result);
    return result;
  };
  const onError = (error: unknown): never => {
    clean();
    throw error;
  };
  let result: MaybePromise<T>;
  try {
    result = fn();
  } catch (error) {
    return onError(error);
  }
  return result instanceof Promise ? result.then(onResult, onError) : onResult(result);
};

const isThenable = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';
