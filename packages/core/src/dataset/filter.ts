import type * as tf from '@tensorflow/tfjs';
import { containerOf, type Element, isTensor, tensorsOf } from './element';
import { DatasetError, describeValue } from './errors';
import { andThen, drain, dropFirst, type MaybePromise, type Plan } from './stage';
import { cleaningUp, inScope, type UserFunction } from './user-function';

const readVerdict = (verdict: unknown, isMade: (tensor: tf.Tensor) => boolean) => {
  if (typeof verdict === 'boolean') return { value: verdict, kept: [] };
  if (isTensor(verdict) && verdict.size === 1) {
    const value = verdict.dataSync()[0] !== 0;
    if (isMade(verdict)) verdict.dispose();
    return { value, kept: [] };
  }
  throw new DatasetError({
    subject: 'result of the function given to filter()',
    expected: 'a boolean, or a tensor of one value',
    actual: isTensor(verdict) ? `a tensor of shape [${verdict.shape}]` : describeValue(verdict),
    fix: 'Reduce it with tf.all() or tf.any().',
  });
};

const judge = (element: Element, predicate: UserFunction<unknown>): MaybePromise<boolean> => {
  const inputs = tensorsOf(element);
  return cleaningUp(
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

/**
 * Elements for which `predicate` holds. What flows, flows on as it was: row numbers stay row numbers.
 *
 * @param view the element that the predicate sees
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
    let found: E | undefined;
    const accept = (element: E | undefined): MaybePromise<boolean> => {
      found = element;
      if (element === undefined) return false;
      return cleaningUp(
        () => andThen(judge(view(element), predicate), (isWanted) => !isWanted),
        (isUnwanted) => {
          if (isUnwanted !== false) plan.release(element);
        },
      );
    };
    const stage = {
      next: () => andThen(drain(source, accept), () => found),
      close: () => source.close(),
    };
    return dropFirst(stage, skip, plan.release);
  },
});
