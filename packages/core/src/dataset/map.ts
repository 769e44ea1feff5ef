import type * as tf from '@tensorflow/tfjs';
import {
  containerOf,
  type Element,
  isTensor,
  openContainer,
  releaseElement,
  tensorsOf,
} from './element';
import { DatasetError, describeValue } from './errors';
import { andThen, type MaybePromise, type Plan } from './stage';
import { cleaningUp, inScope, type UserFunction } from './user-function';

/** The tensors that a function given to map() returned. One that it only had at hand is copied, not taken. */
const readResult = (result: unknown, isOurs: (tensor: tf.Tensor) => boolean) => {
  const subject = 'result of the function given to map()';
  const { layout, values } = openContainer(result, subject);
  const members = values.map((value, position) => {
    if (isTensor(value)) return isOurs(value) ? value : value.clone();
    throw new DatasetError({
      subject: `${subject}, member "${layout.keys[position]}"`,
      expected: 'a tensor',
      actual: describeValue(value),
      fix: 'Return tensors only, as in ({ x, y }) => ({ x: x.div(255), y }).',
    });
  });
  return { value: { layout, members }, kept: members };
};

const apply = (element: Element, fn: UserFunction<unknown>): MaybePromise<Element> => {
  const inputs = tensorsOf(element);
  return cleaningUp(
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

/** Elements replaced by what `fn` makes of them. */
export const mapped = (plan: Plan<Element>, fn: UserFunction<unknown>): Plan<Element> => ({
  size: plan.size,
  release: releaseElement,
  open: (start) => {
    const source = plan.open(start);
    return {
      next: () => andThen(source.next(), (element) => element && apply(element, fn)),
      close: () => source.close(),
    };
  },
});
