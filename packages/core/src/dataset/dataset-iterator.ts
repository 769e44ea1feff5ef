import { containerOf, type Element, tensorsOf } from './element';
import type { EpochStart, MaybePromise, Plan, Stage } from './stage';

/**
 * One pass over a dataset. Each element's tensors are the consumer's to dispose. Leaving early
 * (`break`, `return()`, an error) frees everything that was fetched ahead.
 */
export class DatasetIterator<T> implements AsyncIterableIterator<T> {
  readonly #open: () => Stage<Element>;
  #stage: Stage<Element> | undefined;
  #isOver = false;
  /** The pull under way; stages take one at a time. */
  #pending: Promise<unknown> | undefined;

  constructor(plan: Plan<Element>, start: EpochStart) {
    this.#open = () => plan.open(start);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#inTurn(() => this.#pull());
  }

  return(): Promise<IteratorResult<T, undefined>> {
    return this.#inTurn(() => this.#end());
  }

  async #inTurn<R>(task: () => Promise<R>): Promise<R> {
    const before = this.#pending;
    const turn = before ? before.then(task, task) : task();
    this.#pending = turn;
    try {
      return await turn;
    } finally {
      if (this.#pending === turn) this.#pending = undefined;
    }
  }

  async #pull(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      this.#stage ??= this.#open();
      const pulled: MaybePromise<Element | undefined> = this.#stage.next();
      const element = pulled instanceof Promise ? await pulled : pulled;
      if (!element) return await this.#end();
      // The user's own T says what the members are; at run time they are tensors under those names.
      return { done: false, value: containerOf(element.layout, tensorsOf(element)) as T };
    } catch (error) {
      // What went wrong first says more than what may go wrong in its wake.
      await this.#end().catch(() => {});
      throw error;
    }
  }

  async #end(): Promise<IteratorResult<T, undefined>> {
    const stage = this.#stage;
    this.#isOver = true;
    this.#stage = undefined;
    await stage?.close();
    return { done: true, value: undefined };
  }
}
