import { containerOf, type Element, tensorsOf } from './element';
import type { EpochStart, Plan, Stage } from './stage';

/**
 * One epoch of a dataset, with tensors, as users see it. The tensors of each element are the consumer's
 * to dispose. Leaving early (`break`, `return()`, an error) frees everything that was fetched ahead.
 */
export class DatasetIterator<T> implements AsyncIterableIterator<T> {
  readonly #open: () => Stage<Element>;
  #stage: Stage<Element> | undefined;
  #isOver = false;
  /** The last call that has not settled. A stage allows one pull at a time. */
  #pending: Promise<unknown> | undefined;

  constructor(plan: Plan<Element>, start: EpochStart) {
    this.#open = () => plan.open(start);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#afterPending(() => this.#pull());
  }

  return(): Promise<IteratorResult<T, undefined>> {
    return this.#afterPending(() => this.#end());
  }

  async #afterPending<R>(task: () => Promise<R>): Promise<R> {
    const result = this.#pending ? this.#pending.then(task, task) : task();
    this.#pending = result;
    try {
      return await result;
    } finally {
      if (this.#pending === result) this.#pending = undefined;
    }
  }

  async #pull(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    try {
      this.#stage ??= this.#open();
      const pulled = this.#stage.next();
      const element = pulled instanceof Promise ? await pulled : pulled;
      if (!element) return await this.#end();
      // T describes the members by name or position, which the layout preserves.
      return { done: false, value: containerOf(element.layout, tensorsOf(element)) as T };
    } catch (error) {
      // The first error says more than one that follows from it.
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
