import { type Element, releaseElement } from './element';
import { stack } from './stack';
import { andThen, drain, type Plan, type Stage } from './stage';
import { gather, type Table } from './table';

/** What `Dataset.batch()` does with the last elements. */
export interface BatchOptions {
  /** Whether a last batch with fewer elements is left out. False by default. */
  readonly dropRemainder?: boolean;
}

/** Groups of `batchSize` elements, each made into one by `join`; a group's own are freed then. */
const grouped = <E>(
  plan: Plan<E>,
  batchSize: number,
  dropRemainder: boolean,
  join: (group: readonly E[]) => Element,
): Plan<Element> => ({
  size:
    plan.size === undefined
      ? undefined
      : dropRemainder
        ? Math.floor(plan.size / batchSize)
        : Math.ceil(plan.size / batchSize),
  release: releaseElement,
  open: (iteration): Stage<Element> => {
    const source = plan.open(iteration);
    const group: E[] = [];
    const add = (element: E | undefined): boolean => {
      if (element !== undefined) group.push(element);
      return element !== undefined && group.length < batchSize;
    };
    const releaseGroup = () => {
      for (const element of group) plan.release(element);
      group.length = 0;
    };
    const joinGroup = (): Element | undefined => {
      const isWanted = group.length === batchSize || (group.length > 0 && !dropRemainder);
      const joined = isWanted ? join(group) : undefined;
      releaseGroup();
      return joined;
    };
    return {
      next: () => andThen(drain(source, add), joinGroup),
      close: () => {
        releaseGroup();
        return source.close();
      },
    };
  },
});

/** Batches of a table's rows, sliced or gathered column by column. */
export const batchedRows = (
  plan: Plan<number>,
  table: Table,
  batchSize: number,
  dropRemainder: boolean,
): Plan<Element> => grouped(plan, batchSize, dropRemainder, (rows) => gather(table, rows));

/** Batches of elements, stacked. */
export const batched = (
  plan: Plan<Element>,
  batchSize: number,
  dropRemainder: boolean,
): Plan<Element> => grouped(plan, batchSize, dropRemainder, stack);
