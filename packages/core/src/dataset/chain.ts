import { andThen, drain, type Stage } from './stage';

/**
 * Stages one after the other.
 *
 * @param open the stage number `index`; undefined when there are no more. `gave` says whether the
 *   stage before it had any element.
 */
export const chainStage = <E>(
  open: (index: number, gave: boolean) => Stage<E> | undefined,
): Stage<E> => {
  let index = 0;
  let current = open(index, true);
  let gave = false;
  let taken: E | undefined;

  const pull = { next: () => current?.next() };
  const accept = (element: E | undefined) => {
    taken = element;
    if (element !== undefined) gave = true;
    if (element !== undefined || current === undefined) return false;
    return andThen(current.close(), () => {
      index += 1;
      current = open(index, gave);
      gave = false;
      return true;
    });
  };
  return {
    next: () => andThen(drain(pull, accept), () => taken),
    close: () => current?.close(),
  };
};
